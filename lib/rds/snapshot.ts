import {
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import {
  InstanceNotAvailableError,
  SnapshotFailedError,
  SnapshotNameTakenError,
  SnapshotTimeoutError,
} from './errors.ts';

export const RUN_TAG = 'carthub-db:run';

/** The first snapshot of an instance copies everything; a large one takes hours. */
const MAX_SECONDS = 6 * 3600;

export type SnapshotProgress = { id: string; done: boolean; startedAt: string; waitSeconds: number };

/** Asks for the snapshot, or adopts the one that an earlier try of the same run asked for. */
export async function createSnapshot(options: {
  rds: RDSClient;
  instance: string;
  id: string;
  run: string;
  now: Date;
}): Promise<SnapshotProgress> {
  const { rds, instance, id, run, now } = options;
  const progress = { id, done: false, startedAt: now.toISOString(), waitSeconds: 5 };
  try {
    await rds.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: instance,
        DBSnapshotIdentifier: id,
        Tags: [{ Key: RUN_TAG, Value: run }],
      }),
    );
    return progress;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name.startsWith('InvalidDBInstanceState')) {
      throw new InstanceNotAvailableError(`${instance} cannot be snapshotted now: ${error.message}`, {
        remedy: 'Wait until the instance is available, then start again.',
        cause: error,
      });
    }
    if (!error.name.startsWith('DBSnapshotAlreadyExists')) throw error;
  }
  const found = await describe(rds, id);
  const owner = found?.TagList?.find((tag) => tag.Key === RUN_TAG)?.Value;
  if (owner === run) return progress;
  throw new SnapshotNameTakenError(`The snapshot ${id} is there and belongs to ${owner ?? 'nobody that we know'}.`, {
    remedy: `Look at it: aws rds describe-db-snapshots --db-snapshot-identifier ${id}`,
  });
}

/** How far the snapshot is. Waits grow with its age: never more than a tenth of it, between 5 seconds and 2 minutes. */
export async function describeSnapshot(options: {
  rds: RDSClient;
  progress: SnapshotProgress;
  now: Date;
}): Promise<SnapshotProgress> {
  const { rds, progress, now } = options;
  const found = await describe(rds, progress.id);
  const remedy = `Look at it: aws rds describe-db-snapshots --db-snapshot-identifier ${progress.id}`;
  if (found?.Status === 'available') return { ...progress, done: true };
  if (found?.Status !== 'creating') {
    throw new SnapshotFailedError(`The snapshot ${progress.id} is ${found?.Status ?? 'gone'}.`, { remedy });
  }
  const age = (now.getTime() - Date.parse(progress.startedAt)) / 1000;
  if (age > MAX_SECONDS) {
    throw new SnapshotTimeoutError(
      `The snapshot ${progress.id} is at ${found.PercentProgress ?? 0}% after ${Math.round(age / 60)} minutes.`,
      { remedy: 'Let it finish; the next one is incremental and faster. Then start again.' },
    );
  }
  return { ...progress, waitSeconds: Math.round(Math.min(Math.max(age / 10, 5), 120)) };
}

async function describe(rds: RDSClient, id: string): Promise<DBSnapshot | null> {
  try {
    const { DBSnapshots: [found] = [] } = await rds.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
    return found ?? null;
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('DBSnapshotNotFound')) return null;
    throw error;
  }
}
