import type { RDSClient } from '@aws-sdk/client-rds';
import type { Sides } from '../lost-writes/survey.ts';
import { InstanceVanishedError } from './cutover-errors.ts';
import { findCopy } from './find-copy.ts';
import { addressOf, type InstanceAddress, type WithInstance } from './instance-access.ts';
import { type ObservedInstance, observeExisting } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';

/** Lends a connection to the instance that serves, or is frozen, and one to its copy. */
export type WithSides = <T>(use: (sides: Sides) => Promise<T>) => Promise<T>;

/** Finds both by what does not change: the one by its resource id, the other by who made it. */
export function bothSides(options: { rds: RDSClient; withInstance: WithInstance; plan: RestorePlan }): WithSides {
  const { rds, withInstance, plan } = options;
  return async (use) => {
    const live = await observeExisting(rds, plan.source.resourceId, 'serving');
    const copy = await findCopy(rds, plan);
    return withInstance(reachable(live), (one) =>
      withInstance(reachable(copy), (other) => use({ live: one, copy: other })),
    );
  };
}

/** @throws InstanceVanishedError */
function reachable({ endpoint, masterSecretArn, identifier, status }: ObservedInstance): InstanceAddress {
  if (endpoint !== null) return addressOf({ endpoint, masterSecretArn });
  throw new InstanceVanishedError(`${identifier} is ${status} and has no address.`, {
    remedy: `See what becomes of it: aws rds describe-events --source-type db-instance --source-identifier ${identifier}`,
  });
}
