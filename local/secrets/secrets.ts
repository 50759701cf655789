import { createHash, randomInt } from 'node:crypto';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocuments, writeDocument } from '../documents.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { notImplemented, type Reply, type Service, ServiceError } from '../service.ts';
import { type Change, describe, getValue, moveStage, newVersion, putValue, stagesOf } from './operations.ts';
import * as requests from './requests.ts';
import { notFound, type Secret, secret, withStages } from './secret.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Secrets Manager with staging labels: what a rotation moves. Secrets lie in `folder`, for their owner's eyes only. */
export async function createSecrets(options: {
  folder: string;
  account: string;
  region: string;
  now: () => Date;
}): Promise<Service> {
  const { folder, now } = options;
  const kept = new Map<string, Secret>();
  for (const document of await readDocuments(folder)) {
    const found = secret.parse(document);
    kept.set(found.name, found);
  }
  await chmod(folder, 0o700);
  const alone = oneAtATime();

  const fileOf = (name: string) => join(folder, `${createHash('sha256').update(name).digest('hex')}.json`);

  async function keep(changed: Secret): Promise<void> {
    await writeDocument(fileOf(changed.name), changed, 0o600);
    kept.set(changed.name, changed);
  }

  function find(id: string): Secret {
    // A partial ARN lacks the hyphen and the six characters behind the name.
    const found = kept.get(id) ?? [...kept.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id);
    if (!found) throw notFound('the specified secret');
    return found;
  }

  const change = (id: string, how: (from: Secret) => Change): Promise<Reply> =>
    alone(find(id).name, async () => {
      const { secret: changed, reply } = how(find(id));
      await keep(changed);
      return { body: reply };
    });

  return {
    name: 'secretsmanager',
    protocol: 'json',
    async call({ operation, input }) {
      switch (operation) {
        case 'CreateSecret':
          return create(requests.parse(requests.createSecret, input));
        case 'PutSecretValue': {
          const request = requests.parse(requests.putSecretValue, input);
          return change(request.SecretId, (from) => putValue(from, request, now()));
        }
        case 'UpdateSecretVersionStage': {
          const request = requests.parse(requests.updateSecretVersionStage, input);
          return change(request.SecretId, (from) => moveStage(from, request, now()));
        }
        case 'DeleteSecret': {
          const request = requests.parse(requests.deleteSecret, input);
          if (!request.ForceDeleteWithoutRecovery) {
            throw notImplemented('secretsmanager', 'DeleteSecret with a recovery window');
          }
          const { name, arn } = find(request.SecretId);
          await alone(name, async () => {
            await rm(fileOf(name), { force: true });
            kept.delete(name);
          });
          return { body: { ARN: arn, Name: name, DeletionDate: now().getTime() / 1000 } };
        }
        case 'GetSecretValue': {
          const request = requests.parse(requests.getSecretValue, input);
          return { body: getValue(find(request.SecretId), request) };
        }
        case 'DescribeSecret':
          return { body: describe(find(requests.parse(requests.describeSecret, input).SecretId)) };
        case 'ListSecrets':
          return list(requests.parse(requests.listSecrets, input));
        default:
          throw notImplemented('secretsmanager', operation ?? '');
      }
    },
  };

  function create(request: ReturnType<typeof requests.parse<typeof requests.createSecret>>): Promise<Reply> {
    const name = request.Name;
    return alone(name, async () => {
      const valued = request.SecretString !== undefined || request.SecretBinary !== undefined;
      const existing = kept.get(name);
      const same = existing?.versions.find(({ id }) => id === request.ClientRequestToken);
      if (existing && same && same.string === (request.SecretString ?? null)) {
        return { body: { ARN: existing.arn, Name: name, VersionId: same.id } };
      }
      if (existing) {
        throw new ServiceError(
          'ResourceExistsException',
          `The operation failed because the secret ${name} already exists.`,
        );
      }
      const at = now();
      const suffix = Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
      const bare: Secret = {
        name,
        arn: `arn:aws:secretsmanager:${options.region}:${options.account}:secret:${name}-${suffix}`,
        description: request.Description ?? null,
        kmsKeyId: request.KmsKeyId ?? null,
        tags: request.Tags,
        created: at.toISOString(),
        changed: at.toISOString(),
        versions: [],
      };
      const version = valued ? newVersion(request, at) : null;
      const created = version ? withStages({ ...bare, versions: [version] }, version.id, ['AWSCURRENT']) : bare;
      await keep(created);
      return { body: { ARN: created.arn, Name: name, ...(version ? { VersionId: version.id } : {}) } };
    });
  }

  function list({
    MaxResults,
    NextToken,
    Filters,
  }: ReturnType<typeof requests.parse<typeof requests.listSecrets>>): Reply {
    const rest = [...kept.values()]
      .filter(({ name }) => Filters.every(({ Values }) => Values.some((prefix) => name.startsWith(prefix))))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .filter(({ name }) => NextToken === undefined || name > NextToken);
    const page = rest.slice(0, MaxResults);
    return {
      body: {
        SecretList: page.map((each) => {
          const { VersionIdsToStages: _, ...described } = describe(each);
          return { ...described, SecretVersionsToStages: stagesOf(each) };
        }),
        ...(rest.length > page.length ? { NextToken: page.at(-1)?.name } : {}),
      },
    };
  }
}
