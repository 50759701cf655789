import { DescribeDBSnapshotsCommand, type RDSClient } from '@aws-sdk/client-rds';
import type { Documents } from '../documents/documents.ts';
import { readAutomatedBackup } from './automated-backups.ts';
import { readPlan } from './documents.ts';
import { RestoreTargetError } from './errors.ts';
import { again, finished, type Loop } from './loop.ts';
import type { RestorePlan } from './plan.ts';
import { describeResource } from './settings/describe.ts';
import { notePhase } from './timings.ts';

/** Logs are shipped every five minutes; a large first backup or snapshot may take longer. */
const MAX_SECONDS = 3600;
const SNAPSHOT_MAX_SECONDS = 6 * 3600;

export type Restorable = Loop & {
  /** Up to when the logs in store reach; null for a snapshot, and while nobody knows. */
  latest: string | null;
};

/**
 * Whether the logs in store reach past the target yet, or the snapshot is whole: RDS restores to moments before
 * LatestRestorableTime only.
 */
export async function checkRestorable(options: {
  rds: RDSClient;
  documents: Documents;
  run: string;
  progress: { startedAt: string } | null;
  now: Date;
}): Promise<Restorable> {
  const { rds, documents, run, now } = options;
  const startedAt = options.progress?.startedAt ?? now.toISOString();
  const plan = await readPlan(documents, run);
  if (plan.target.snapshot !== null) {
    if (await isWhole(rds, plan.target.snapshot)) return { ...finished(startedAt), latest: null };
    const what = `The snapshot ${plan.target.snapshot}`;
    const limits = { now, what, maxSeconds: SNAPSHOT_MAX_SECONDS, remedy: 'Start again when it is available.' };
    return { ...again(startedAt, limits), latest: null };
  }
  const latest = await latestRestorable(rds, plan);
  if (latest !== null && Date.parse(latest) > Date.parse(plan.target.time ?? '')) {
    await notePhase(documents, run, { phase: 'logs', since: startedAt, until: now.toISOString() });
    return { ...finished(startedAt), latest };
  }
  const what = `The logs reach ${latest ?? 'no moment yet'} and not ${plan.target.time}: shipping them`;
  const remedy = `See what holds them up: aws rds describe-events --source-type db-instance --source-identifier ${plan.source.identifier}`;
  return { ...again(startedAt, { now, what, maxSeconds: MAX_SECONDS, remedy }), latest };
}

/** Of the instance itself where it is still there: that is the fresher word. */
async function latestRestorable(rds: RDSClient, { from, source }: RestorePlan): Promise<string | null> {
  const resourceId = from ?? source.resourceId;
  const latest = (await describeResource(rds, resourceId))?.LatestRestorableTime;
  return latest ?? (await readAutomatedBackup(rds, resourceId))?.latest ?? null;
}

async function isWhole(rds: RDSClient, DBSnapshotIdentifier: string): Promise<boolean> {
  const { DBSnapshots: [found] = [] } = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier }));
  if (found?.Status === 'available') return true;
  if (found?.Status === 'creating') return false;
  throw new RestoreTargetError(`The snapshot ${DBSnapshotIdentifier} is ${found?.Status ?? 'gone'}.`, {
    remedy: 'Take another one: aws rds describe-db-snapshots',
  });
}
