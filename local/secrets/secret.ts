import * as z from 'zod/mini';
import { ServiceError } from '../service.ts';

const version = z.object({
  id: z.string(),
  created: z.string(),
  /** One of both; binary is base64, as it travels. */
  string: z.nullable(z.string()),
  binary: z.nullable(z.string()),
  /** `AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING`, or others of one's own; none for a version that is out of use. */
  stages: z.array(z.string()),
});

/** A secret as it is kept. */
export const secret = z.object({
  name: z.string(),
  arn: z.string(),
  description: z.nullable(z.string()),
  kmsKeyId: z.nullable(z.string()),
  tags: z.array(z.object({ Key: z.string(), Value: z.string() })),
  created: z.string(),
  changed: z.string(),
  /** In the order in which they were put. */
  versions: z.array(version),
});

export type Secret = z.infer<typeof secret>;
export type Version = z.infer<typeof version>;

/** `secret` with `stages` on version `id` and on no other; what loses AWSCURRENT becomes AWSPREVIOUS. */
export function withStages(from: Secret, id: string, stages: string[]): Secret {
  const moved = stages.includes('AWSCURRENT');
  const current = from.versions.find((each) => each.stages.includes('AWSCURRENT'))?.id;
  const versions = from.versions.map((each) => {
    const kept = each.stages.filter((stage) => !stages.includes(stage));
    if (each.id === id)
      return { ...each, stages: [...kept.filter((stage) => !moved || stage !== 'AWSPREVIOUS'), ...stages] };
    if (!moved || current === undefined || current === id) return { ...each, stages: kept };
    const others = kept.filter((stage) => stage !== 'AWSPREVIOUS');
    return { ...each, stages: each.id === current ? [...others, 'AWSPREVIOUS'] : others };
  });
  return { ...from, versions };
}

/** The version of that id, that stage, or both at once; AWSCURRENT where neither is given. */
export function findVersion(from: Secret, id: string | undefined, stage: string | undefined): Version {
  if (id !== undefined) {
    const found = from.versions.find((each) => each.id === id);
    if (!found) throw notFound(`the specified secret value for VersionId: ${id}`);
    if (stage !== undefined && !found.stages.includes(stage)) {
      throw new ServiceError(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      );
    }
    return found;
  }
  const wanted = stage ?? 'AWSCURRENT';
  const found = from.versions.find((each) => each.stages.includes(wanted));
  if (!found) throw notFound(`the specified secret value for staging label: ${wanted}`);
  return found;
}

export function notFound(what: string): ServiceError {
  return new ServiceError('ResourceNotFoundException', `Secrets Manager can't find ${what}.`);
}
