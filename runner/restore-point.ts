import { type Documents, putDocument, readDocument } from '../lib/documents/documents.ts';
import { fenced, readFence } from '../lib/journal/fence.ts';
import { readWriteCounts } from '../lib/lost-writes/write-counts.ts';
import { keys } from '../lib/runs/keys.ts';
import { type RestorePoint, restorePoint } from '../lib/runs/restore-point.ts';
import type { Session } from './session.ts';

/**
 * Makes the run's restore point, or reads the one that it has: a second start of a run must not move it to after what the
 * first start did.
 *
 * @throws FencedError
 */
export async function makeRestorePoint(session: Session, documents: Documents): Promise<RestorePoint> {
  const key = keys.restorePoint(session.context.author.run);
  const stored = await readDocument(documents, key, restorePoint);
  if (stored) return stored.value;
  const made = await measure(session);
  if (await putDocument(documents, key, made, null)) return made;
  const faster = await readDocument(documents, key, restorePoint);
  if (!faster) throw new Error(`s3://${documents.bucket}/${key} was there and is not any more.`);
  return faster.value;
}

/** The order is what it promises: the counts before the snapshot, that before the time, the heartbeat's commit after it. */
async function measure({ client, context }: Session): Promise<RestorePoint> {
  const { author } = context;
  const { since, tables } = await readWriteCounts(client);
  const { rows: seen } = await client.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
  const { rows: chosen } = await client.query<{ time: string }>(
    `select ${iso("date_trunc('second', clock_timestamp()) + interval '1 second'")} as time`,
  );
  const time = chosen[0]?.time ?? '';
  await client.query('select pg_sleep_until($1::timestamptz)', [time]);
  const { rows: beat } = await client.query<{ at: string }>(
    `with mine as (select token from carthub_db.fence where token = $1 for share)
     update carthub_db.heartbeat set at = clock_timestamp() from mine returning ${iso('at')} as at`,
    [author.token],
  );
  if (!beat[0]) throw fenced(author.token, await readFence(client));
  const { rows: after } = await client.query<{ lsn: string }>('select pg_current_wal_lsn()::text as lsn');
  return {
    format: 1,
    run: author.run,
    snapshot: seen[0]?.snapshot ?? '',
    time,
    heartbeatAt: beat[0].at,
    lsn: after[0]?.lsn ?? '',
    counts: { since, tables },
  };
}

/** With microseconds, which JavaScript's dates have not got. */
function iso(time: string): string {
  return `to_char((${time}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}
