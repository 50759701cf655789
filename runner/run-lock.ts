import { RUN_LOCK } from '../lib/postgres/tables.ts';
import { RunLockHeldError, RunLockLostError } from './errors.ts';
import { type Session, waitFor } from './session.ts';

const POLL_MS = 250;

/** A bigint key stands in pg_locks as two halves, with objsubid 1 (https://www.postgresql.org/docs/15/view-pg-locks.html). */
const IS_RUN_LOCK = `locktype = 'advisory' and database = (select oid from pg_catalog.pg_database where datname = current_database())
  and objsubid = 1 and granted and ((classid::bigint << 32) | objid::bigint) = ${RUN_LOCK}`;

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

/** @throws RunLockLostError */
export async function verifyRunLock({ client }: Session): Promise<void> {
  const { rows } = await client.query(
    `select exists (select from pg_catalog.pg_locks where pid = pg_backend_pid() and ${IS_RUN_LOCK}) as held`,
  );
  if (rows[0]?.held === true) return;
  throw new RunLockLostError('The run lock is no longer held: something that was applied gave it up.', {
    remedy:
      'Find the call of pg_advisory_unlock in the functions that the last file called; use pg_advisory_xact_lock.',
  });
}
