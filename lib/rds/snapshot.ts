import {
  AddTagsToResourceCommand,
  CreateDBSnapshotCommand,
  type DBSnapshot,
  DescribeDBSnapshotsCommand,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { type Documents, putDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import type { MadeSnapshot } from '../runs/made-snapshot.ts';
import {
  InstanceNotAvailableError,
  SnapshotFailedError,
  SnapshotNameTakenError,
  SnapshotTimeoutError,
} from './errors.ts';

export const RUN_TAG = 'carthub-db:run';
export const DATABASE_TAG = 'carthub-db:database';
/** Until when something that a run made is kept, whatever else happens; ISO 8601 in UTC. */
export const EXPIRES_TAG = 'carthub-db:expires';
/** Why a snapshot is not to be removed as an old one; whoever removes snapshots leaves those that carry it. */
export const KEEP_TAG = 'carthub-db:keep';

/** A run that did harm nobody saw for two weeks is put back by other means; 100 snapshots are all that an account has by default. */
const SNAPSHOT_DAYS = 14;

/** Until when the snapshot of a run is kept at least. */
export function snapshotExpires(made: Date): string {
  return new Date(made.getTime() + SNAPSHOT_DAYS * 86_400_000).toISOString();
}

/** The first snapshot of an instance copies everything; a large one takes hours. */
const MAX_SECONDS = 6 * 3600;

export type SnapshotProgress = { id: string; done: boolean; startedAt: string; waitSeconds: number };

/** Answers to CreateDBSnapshot that may mean that an earlier try of ours went through: its answer was lost. */
const MAYBE_OURS = ['DBSnapshotAlreadyExists', 'InvalidDBInstanceState', 'SnapshotQuotaExceeded'];

/**
 * Asks for the snapshot, or adopts the one that an earlier try of the same run asked for. Its name is kept in the bucket, for
 * whoever tells the outcome of a run that was stopped.
 */
export async function createSnapshot(options: {
  rds: RDSClient;
  documents: Documents;
  database: string;
  instance: string;
  id: string;
  run: string;
  now: Date;
}): Promise<SnapshotProgress> {
  const { documents, instance, id, run, now } = options;
  await makeOrAdopt(options);
  const made: MadeSnapshot = { format: 1, run, id, instance };
  await putDocument(documents, keys.snapshot(run), made, null);
  return { id, done: false, startedAt: now.toISOString(), waitSeconds: 5 };
}

async function makeOrAdopt(wanted: Parameters<typeof createSnapshot>[0]): Promise<void> {
  const { rds, database, instance, id, run, now } = wanted;
  try {
    await rds.send(
      new CreateDBSnapshotCommand({
        DBInstanceIdentifier: instance,
        DBSnapshotIdentifier: id,
        Tags: [
          { Key: RUN_TAG, Value: run },
          { Key: DATABASE_TAG, Value: database },
          { Key: EXPIRES_TAG, Value: snapshotExpires(now) },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof Error) || !MAYBE_OURS.some((name) => error.name.startsWith(name))) throw error;
    const found = await describe(rds, id);
    const owner = found?.TagList?.find((tag) => tag.Key === RUN_TAG)?.Value;
    if (found === null) throw refused(instance, error);
    if (owner !== run || found.DBInstanceIdentifier !== instance) throw taken(id, owner);
  }
}

function refused(instance: string, error: Error): Error {
  if (!error.name.startsWith('InvalidDBInstanceState')) return error;
  return new InstanceNotAvailableError(`${instance} cannot be snapshotted now: ${error.message}`, {
    remedy: 'Wait until the instance is available, then start again.',
    cause: error,
  });
}

function taken(id: string, owner: string | undefined): SnapshotNameTakenError {
  return new SnapshotNameTakenError(`The snapshot ${id} is there and belongs to ${owner ?? 'nobody that we know'}.`, {
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

/** Marks a run's snapshot as one to be kept; without a snapshot there is nothing to mark. */
export async function keepSnapshot(options: { rds: RDSClient; id: string; why: string }): Promise<{ kept: boolean }> {
  const { rds, id, why } = options;
  const found = await describe(rds, id);
  if (found === null) return { kept: false };
  if (!found.TagList?.some(({ Key }) => Key === KEEP_TAG)) {
    const Tags = [{ Key: KEEP_TAG, Value: why }];
    await rds.send(new AddTagsToResourceCommand({ ResourceName: found.DBSnapshotArn, Tags }));
  }
  return { kept: true };
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
