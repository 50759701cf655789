import { randomUUID } from 'node:crypto';
import type * as z from 'zod/mini';
import { ServiceError } from '../service.ts';
import type * as requests from './requests.ts';
import { findVersion, type Secret, type Version, withStages } from './secret.ts';

/** What one operation makes of a secret: its new form, where it changed, and the reply. */
export type Change = { secret: Secret; reply: Record<string, unknown> };

type Value = Pick<z.output<typeof requests.putSecretValue>, 'SecretString' | 'SecretBinary' | 'ClientRequestToken'>;

/** A version about to be put. The client's token is its id, so that a request sent twice makes one. */
export function newVersion({ SecretString, SecretBinary, ClientRequestToken }: Value, now: Date): Version {
  if ((SecretString === undefined) === (SecretBinary === undefined)) {
    throw new ServiceError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
  }
  return {
    id: ClientRequestToken ?? randomUUID(),
    created: now.toISOString(),
    string: SecretString ?? null,
    binary: SecretBinary ?? null,
    stages: [],
  };
}

export function putValue(secret: Secret, request: z.output<typeof requests.putSecretValue>, now: Date): Change {
  const version = newVersion(request, now);
  const stages = request.VersionStages ?? ['AWSCURRENT'];
  const same = secret.versions.find(({ id }) => id === version.id);
  if (same && (same.string !== version.string || same.binary !== version.binary)) {
    throw new ServiceError(
      'ResourceExistsException',
      `A version with the ID ${version.id} already exists, and its value is another one.`,
    );
  }
  const changed = same
    ? secret
    : withStages(
        { ...secret, changed: now.toISOString(), versions: [...secret.versions, version] },
        version.id,
        stages,
      );
  const VersionStages = findVersion(changed, version.id, undefined).stages;
  return { secret: changed, reply: { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages } };
}

export function moveStage(
  secret: Secret,
  request: z.output<typeof requests.updateSecretVersionStage>,
  now: Date,
): Change {
  const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = request;
  const holder = secret.versions.find(({ stages }) => stages.includes(stage))?.id;
  if (from !== undefined) findVersion(secret, from, undefined);
  if (to !== undefined) findVersion(secret, to, undefined);
  if (holder !== undefined && holder !== to && holder !== from) {
    throw new ServiceError(
      'InvalidParameterException',
      `The staging label ${stage} is currently attached to version ${holder}. You must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
  if (to === undefined && stage === 'AWSCURRENT') {
    throw new ServiceError(
      'InvalidParameterException',
      'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
    );
  }
  const moved =
    to === undefined
      ? {
          ...secret,
          versions: secret.versions.map((each) => ({
            ...each,
            stages: each.stages.filter((other) => other !== stage),
          })),
        }
      : withStages(secret, to, [stage]);
  return { secret: { ...moved, changed: now.toISOString() }, reply: { ARN: secret.arn, Name: secret.name } };
}

export function getValue(secret: Secret, request: z.output<typeof requests.getSecretValue>): Record<string, unknown> {
  const version = findVersion(secret, request.VersionId, request.VersionStage);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: version.stages,
    CreatedDate: seconds(version.created),
    ...(version.string === null ? { SecretBinary: version.binary } : { SecretString: version.string }),
  };
}

/** What DescribeSecret says of it, and in good part ListSecrets too. */
export function describe(secret: Secret): Record<string, unknown> {
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description ?? undefined,
    KmsKeyId: secret.kmsKeyId ?? undefined,
    OwningService: secret.tags.find(({ Key }) => Key === 'aws:secretsmanager:owningService')?.Value,
    Tags: secret.tags,
    CreatedDate: seconds(secret.created),
    LastChangedDate: seconds(secret.changed),
    VersionIdsToStages: stagesOf(secret),
  };
}

/** Stages by version, those out of use left out. */
export function stagesOf(secret: Secret): Record<string, string[]> {
  return Object.fromEntries(
    secret.versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]),
  );
}

function seconds(iso: string): number {
  return Date.parse(iso) / 1000;
}
