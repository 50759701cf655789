import { withClient } from '../lib/postgres/connect.ts';
import { toSqlError } from '../lib/postgres/sql-error.ts';
import type { Context } from './context.ts';
import { TransactionEscapedError } from './errors.ts';
import { isLost, type Session, waitFor } from './session.ts';

/**
 * How a transaction ended. `unknown`: the connection was lost at COMMIT, and the database did not answer since.
 * After a loss the session is of no more use, whatever the answer.
 */
export type CommitEnd = 'committed' | 'rolledBack' | 'unknown';

/**
 * Commits. When the connection is lost at that, asks the server in another session what became of the transaction.
 *
 * @throws SqlError when the server refuses to commit, which rolls back
 */
export async function commit(session: Session, xid: string): Promise<CommitEnd> {
  try {
    const { command } = await session.client.query('commit');
    if (command === 'COMMIT') return 'committed';
  } catch (error) {
    if (!isLost(session, error)) throw toSqlError(error, null);
    session.context.log('warning', 'connection-lost-at-commit', { xid });
    return askForEnd(session, xid);
  }
  throw new TransactionEscapedError('The server rolled back where it should have committed.', {
    remedy: 'Look for a function that the file calls and that catches errors of transactions.',
  });
}

const ASK_EVERY_MS = 500;
const ASK_FOR_MS = 60_000;

/**
 * A transaction of a session that is gone is committed or not for ever. One whose session is still there has perhaps not
 * even received COMMIT: it is ended, which a commit under way survives and everything else does not.
 */
async function askForEnd({ context, pid }: Session, xid: string): Promise<CommitEnd> {
  const until = performance.now() + ASK_FOR_MS;
  const given = AbortSignal.any([context.stop]);
  while (performance.now() < until) {
    const end = await askOnce(context, pid, xid);
    if (end !== 'unknown') return end;
    if (given.aborted) return 'unknown';
    await waitFor(given, ASK_EVERY_MS);
  }
  return 'unknown';
}

async function askOnce(context: Context, pid: number, xid: string): Promise<CommitEnd> {
  try {
    return await withClient({ ...context.database, readOnly: true, statementTimeoutMs: 10_000 }, async (client) => {
      await client.query(
        `select pg_terminate_backend(pid, 5000) from pg_catalog.pg_stat_activity
         where pid = $1 and application_name = $2 and pid <> pg_backend_pid()`,
        [pid, context.database.applicationName],
      );
      const { rows } = await client.query<{ status: string | null }>('select pg_xact_status($1::xid8) as status', [
        xid,
      ]);
      const status = rows[0]?.status;
      if (status === 'committed') return 'committed';
      return status === 'aborted' ? 'rolledBack' : 'unknown';
    });
  } catch (error) {
    context.log('warning', 'no-answer-about-commit', { error: error instanceof Error ? error.name : 'Error' });
    return 'unknown';
  }
}
