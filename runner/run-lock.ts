import { IS_RUN_LOCK } from '../lib/postgres/run-lock.ts';
import { RUN_LOCK } from '../lib/postgres/tables.ts';
import { RunLockHeldError, RunLockLostError } from './errors.ts';
import { type Session, waitFor } from './session.ts';

const POLL_MS = 250;

/**
 * Takes the lock that only one migration of a database holds. Polls: a session that waits in `pg_advisory_lock` has a
 * snapshot that another's CREATE INDEX CONCURRENTLY would wait for, which is a deadlock.
 *
 * @throws RunLockHeldError, which names the holder
 */
export async function takeRunLock({ client, context }: Session): Promise<void> {
  const until = performance.now() + context.lockWaitMs;
  for (;;) {
    context.stop.throwIfAborted();
    const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [RUN_LOCK]);
    if (rows[0]?.taken === true) return;
    if (performance.now() >= until) break;
    await waitFor(context.stop, POLL_MS * (0.5 + Math.random()));
  }
  const { rows } = await client.query<{ pid: number; application_name: string | null; since: Date | null }>(
    `select l.pid, a.application_name, a.backend_start as since
     from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid where ${IS_RUN_LOCK}`,
  );
  const [holder] = rows;
  const who = holder
    ? `session ${holder.pid}${holder.application_name ? ` (${holder.application_name})` : ''}${holder.since ? `, connected since ${holder.since.toISOString()}` : ''}`
    : 'a session that has just gone';
  throw new RunLockHeldError(`Another migration holds the run lock: ${who}.`, {
    remedy: holder ? `Wait for it; if it is dead, end it: select pg_terminate_backend(${holder.pid})` : 'Start again.',
  });
}

/** Gives back every advisory lock that a file took and kept, and sees that the run lock is still held. @throws RunLockLostError */
export async function keepRunLockOnly({ client }: Session): Promise<void> {
  // A lock is had as often as it was taken, and shown once.
  for (;;) {
    const { rows } = await client.query<{ ours: boolean; release: string }>(
      `select ${IS_RUN_LOCK} and mode = 'ExclusiveLock' as ours,
         pg_catalog.format('select pg_catalog.pg_advisory_unlock%s(%s)', case when mode = 'ShareLock' then '_shared' end,
           case when objsubid = 1 then (classid::bigint << 32 | objid::bigint)::text
           else ${SIGNED('classid')} || ', ' || ${SIGNED('objid')} end) as release
       from pg_catalog.pg_locks where pid = pg_backend_pid() and locktype = 'advisory' and granted`,
    );
    const others = rows.filter(({ ours }) => !ours);
    for (const { release } of others) await client.query(release);
    if (others.length > 0) continue;
    if (rows.length > 0) return;
    throw lost();
  }
}

/** pg_locks shows the two halves of a key as OIDs, which have no sign. */
const SIGNED = (column: string) => `(${column}::bigint::bit(32)::integer)::text`;

function lost(): RunLockLostError {
  return new RunLockLostError('The run lock is no longer held: something that was applied gave it up.', {
    remedy:
      'Find the call of pg_advisory_unlock in the functions that the last file called; use pg_advisory_xact_lock.',
  });
}
