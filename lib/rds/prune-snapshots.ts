import {
  type DBSnapshot,
  DeleteDBSnapshotCommand,
  paginateDescribeDBSnapshots,
  type RDSClient,
} from '@aws-sdk/client-rds';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { readLease } from '../lease/store.ts';
import { keys } from '../runs/keys.ts';
import { record } from '../runs/record.ts';
import { choosePrunable, type Prunable, type RunEnd, type RunSnapshot } from './prunable.ts';
import { DATABASE_TAG, EXPIRES_TAG, KEEP_TAG, RUN_TAG, snapshotExpires } from './snapshot.ts';

export type Pruned = Prunable & {
  /** What RDS did not let us delete, with its reason. */
  refused: { id: string; reason: string }[];
};

/** A call more is left to the next night. */
const MOST_AT_ONCE = 25;

/**
 * Removes the snapshots of runs that {@link choosePrunable} chooses. Only those that carry our tags are looked at at all: snapshots of
 * people, of AWS Backup and of other databases are none of ours.
 */
export async function pruneSnapshots(options: {
  rds: RDSClient;
  documents: Documents;
  database: string;
  instance: string;
  now: Date;
}): Promise<Pruned> {
  const { rds, documents, database, now } = options;
  const snapshots = await listOurs(options);
  const ends = new Map<string, RunEnd>();
  for (const run of new Set(snapshots.map((snapshot) => snapshot.run))) {
    ends.set(run, (await readIfReadable(documents, keys.outcome(run), record)).value);
  }
  const lease = await readLease(documents, database);
  const named = [lease?.run?.id, lease?.restore?.id, lease?.dirty?.run, lease?.holder?.execution.split(':').at(-1)];
  const held = named.filter((run) => run !== undefined);
  const { remove, kept } = choosePrunable({ snapshots, endOf: (run) => ends.get(run) ?? null, held, now });
  const pruned: Pruned = { remove: [], kept, refused: [] };
  for (const id of remove.slice(-MOST_AT_ONCE)) {
    const refusal = await removeOne(rds, id);
    if (refusal === null) pruned.remove.push(id);
    else pruned.refused.push({ id, reason: refusal });
  }
  return pruned;
}

/** Null when it is gone. What is not for ours alone to say (a copy of it is being made) is told and does not stop the others. */
async function removeOne(rds: RDSClient, id: string): Promise<string | null> {
  try {
    await rds.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }));
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name.startsWith('DBSnapshotNotFound')) return null;
    if (!/^(InvalidDBSnapshotState|AccessDenied)/.test(error.name)) throw error;
    return `${error.name}: ${error.message}`;
  }
}

async function listOurs(options: { rds: RDSClient; database: string; instance: string }): Promise<RunSnapshot[]> {
  const found: RunSnapshot[] = [];
  for await (const page of paginateDescribeDBSnapshots({ client: options.rds }, { SnapshotType: 'manual' })) {
    found.push(...(page.DBSnapshots ?? []).flatMap((snapshot) => ours(snapshot, options)));
  }
  return found;
}

/** Those that were made before snapshots had the database's tag are known by the instance. */
function ours(snapshot: DBSnapshot, { database, instance }: { database: string; instance: string }): RunSnapshot[] {
  const tag = (key: string) => snapshot.TagList?.find(({ Key }) => Key === key)?.Value ?? null;
  const run = tag(RUN_TAG);
  const id = snapshot.DBSnapshotIdentifier ?? '';
  const made = snapshot.SnapshotCreateTime ?? null;
  const isOurs = (tag(DATABASE_TAG) ?? (snapshot.DBInstanceIdentifier === instance ? database : null)) === database;
  if (run === null || !isOurs || !id.startsWith('migrate-')) return [];
  // While it is being made it has no time yet.
  const madeAt = made?.toISOString() ?? '9999-12-31T00:00:00.000Z';
  const expires = tag(EXPIRES_TAG) ?? (made === null ? madeAt : snapshotExpires(made));
  return [{ id, run, status: snapshot.Status ?? '', madeAt, expires, keep: tag(KEEP_TAG) }];
}
