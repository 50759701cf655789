import type { RDSClient } from '@aws-sdk/client-rds';
import { type Documents, putDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { exchangeGroups } from './change-instance.ts';
import { stuckIn } from './copy-status.ts';
import { RestoreRefusedError } from './errors.ts';
import { endForeignSessions } from './foreign-sessions.ts';
import { checkFreeze, type FreezeDocument, readFreeze } from './freeze-document.ts';
import { FreezeNotProvedError } from './freeze-errors.ts';
import { addressOf, type WithInstance } from './instance-access.ts';
import { isSettled, type ObservedInstance, observeExisting } from './observe-instance.ts';
import type { RestorePlan } from './plan.ts';
import { withinTime } from './within-time.ts';
import { readWritesByItself } from './writes-by-itself.ts';

/** How far the freeze is: `clear` looks in a row have found nobody. */
export type FreezeProgress = {
  done: boolean;
  waitSeconds: number;
  clear: number;
  ended: number;
  /** Until when it may last; null while it has not begun. */
  until: string | null;
  /** Since when RDS is at work on the instance, and nothing can be begun; null otherwise. */
  busySince: string | null;
};

export type FreezeOptions = {
  rds: RDSClient;
  documents: Documents;
  withInstance: WithInstance;
  run: string;
  plan: RestorePlan;
  /** The group that lets in nobody but the functions. */
  opsGroup: string;
  maxFreezeSeconds: number;
  /** Nobody has agreed to what writes by itself. */
  isAutomatic: boolean;
  progress: (Pick<FreezeProgress, 'clear' | 'ended'> & Partial<Pick<FreezeProgress, 'busySince'>>) | null;
  now: () => Date;
};

/** A backup, which comes each night, or a change. While it goes on RDS takes none of ours, and the application runs. */
const BUSY_SECONDS = 2 * 3600;
/** One look may fall between two tries of a client that reconnects. */
const LOOKS = 2;

/**
 * Stops all writing to the instance, and proves it: its security groups are exchanged for the one that lets in nobody but us, and
 * when that is in force the sessions that are there are ended. A read-only default would be no freeze, since any session can lift it, and an
 * exchange of groups alone neither: connections that are there stay (https://docs.aws.amazon.com/vpc/latest/userguide/security-group-connection-tracking.html).
 *
 * Call it until it is done, and check its document before relying on it.
 * @throws FreezeExpiredError, FreezeNotProvedError, RestoreRefusedError, InstanceVanishedError
 * @throws RestoreOverdueError when RDS is busy with the instance for too long
 */
export async function freeze(options: FreezeOptions): Promise<FreezeProgress> {
  const { rds, documents, withInstance, run, plan, opsGroup, progress, now } = options;
  const instance = await observeExisting(rds, plan.source.resourceId, 'frozen');
  const known = (await readFreeze(documents, run))?.value ?? null;
  if (known === null && !isSettled(instance) && stuckIn(instance.status) === null) return waitForRds(options, instance);
  const frozen = known ?? (await begin(options, instance));
  const { until } = checkFreeze(frozen, now());
  const { clear, ended } = progress ?? { clear: 0, ended: 0 };
  const { endpoint, masterSecretArn } = instance;
  if (!(await exchangeGroups(rds, instance, [opsGroup])) || endpoint === null) {
    return { done: false, waitSeconds: 5, clear: 0, ended, until, busySince: null };
  }
  const { ended: more, isAlone } = await withInstance(addressOf({ endpoint, masterSecretArn }), endForeignSessions);
  const looks = !isAlone ? 0 : more === 0 ? clear + 1 : 1;
  return { done: looks >= LOOKS, waitSeconds: 2, clear: looks, ended: ended + more, until, busySince: null };
}

/** The time for which the application may be stopped does not run while it cannot be stopped. */
function waitForRds({ progress, now }: FreezeOptions, { identifier, status }: ObservedInstance): FreezeProgress {
  const startedAt = progress?.busySince ?? null;
  const busySince = withinTime({
    ...{ startedAt, now: now(), seconds: BUSY_SECONDS, what: `What RDS does with ${identifier} (${status})` },
  });
  return { done: false, waitSeconds: 10, clear: 0, ended: 0, until: null, busySince };
}

/** Writes down what is to be given back before anything is taken. Whoever writes second takes the first one's word. */
async function begin(options: FreezeOptions, instance: ObservedInstance): Promise<FreezeDocument | null> {
  const { documents, run, maxFreezeSeconds, isAutomatic, now } = options;
  const listed = await whatWritesByItself(options, instance);
  if (isAutomatic && listed.length > 0) {
    throw new FreezeNotProvedError(`What writes by itself cannot be stopped from here: ${listed.join('; ')}.`, {
      remedy: 'Stop it, or decide that it may go on, then: carthub-db restore --before-run RUN',
    });
  }
  const since = now();
  const frozen: FreezeDocument = {
    ...{ format: 1, run, resourceId: instance.resourceId, groups: groupsToGiveBack(options, instance), listed },
    ...{ since: since.toISOString(), until: new Date(since.getTime() + maxFreezeSeconds * 1000).toISOString() },
    ...{ lifted: null, thawed: null },
  };
  await putDocument(documents, keys.restore.freeze(run), frozen, null);
  return (await readFreeze(documents, run))?.value ?? null;
}

async function whatWritesByItself(
  { withInstance }: FreezeOptions,
  { endpoint, masterSecretArn }: ObservedInstance,
): Promise<string[]> {
  if (endpoint === null) return [];
  return withInstance(addressOf({ endpoint, masterSecretArn }), readWritesByItself);
}

/** Those that it has, unless an earlier freeze is still in force: then those of the plan. */
function groupsToGiveBack({ plan, opsGroup }: FreezeOptions, { groups, identifier }: ObservedInstance): string[] {
  const ids = groups.map(({ id }) => id);
  for (const candidates of [ids, plan.source.groups]) {
    const others = candidates.filter((id) => id !== opsGroup);
    if (others.length > 0) return others;
  }
  throw new RestoreRefusedError(
    `${identifier} has only ${opsGroup}: nobody knows which security groups to give back.`,
    {
      remedy: `Give it the application's: aws rds modify-db-instance --db-instance-identifier ${identifier} --vpc-security-group-ids ...`,
    },
  );
}
