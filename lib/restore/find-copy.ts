import type { RDSClient } from '@aws-sdk/client-rds';
import { RUN_TAG } from '../rds/snapshot.ts';
import { InstanceVanishedError, NameTakenError } from './cutover-errors.ts';
import { type ObservedInstance, observeName } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';

/**
 * The restored copy by its first name, before it takes over.
 *
 * @throws InstanceVanishedError, NameTakenError
 */
export async function findCopy(rds: RDSClient, plan: RestorePlan): Promise<ObservedInstance> {
  const { identifier } = plan.copy;
  const copy = await observeName(rds, identifier);
  if (copy === null) {
    throw new InstanceVanishedError(`The restored copy ${identifier} is not there.`, {
      remedy: 'See who deleted it: aws rds describe-events. Then restore again.',
    });
  }
  const maker = copy.tags[RUN_TAG];
  if (maker !== undefined && [plan.run, ...(plan.resumes ?? [])].includes(maker)) return copy;
  throw new NameTakenError(
    `${identifier} is there and was not made by this restore (${RUN_TAG} is ${maker ?? 'not set'}).`,
    {
      remedy: 'Rename or delete it, then restore again.',
    },
  );
}
