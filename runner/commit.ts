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
/** Short, so that one question fits into what is left after a stop. */
const ASK_BOUNDS = { connectTimeoutMs: 5_000, statementTimeoutMs: 5_000 };

/** Asks until the database answers. A stop of the run leaves one more try. */
async function askForEnd({ context, pid }: Session, xid: string): Promise<CommitEnd> {
  const until = performance.now() + ASK_FOR_MS;
  do {
    const last = context.stop.aborted;
    const end = await askOnce(context, pid, xid);
    if (end !== 'unknown' || last) return end;
    await waitFor(context.stop, ASK_EVERY_MS);
  } while (performance.now() < until);
  return 'unknown';
}

/**
 * A session that is still there has perhaps not even received COMMIT: it is ended, which a commit under way survives and
 * everything else does not. Once it is gone, the transaction's journal row is there or it never will be. Its xid alone
 * would not do: after a crash the server may give the same one to somebody else.
 */
async function askOnce(context: Context, pid: number, xid: string): Promise<CommitEnd> {
  try {
    return await withClient({ ...context.database, readOnly: true, ...ASK_BOUNDS }, async (client) => {
      const { rows: ended } = await client.query<{ gone: boolean }>(
        `select pg_terminate_backend(pid, 3000) as gone from pg_catalog.pg_stat_activity
         where pid = $1 and application_name = $2 and pid <> pg_backend_pid()`,
        [pid, context.database.applicationName],
      );
      if (ended.some(({ gone }) => !gone)) return 'unknown';
      const { rows } = await client.query<{ there: boolean }>(
        `select exists (select from carthub_db.journal where run_id = $1 and xid = $2::xid8) as there
         where not pg_is_in_recovery()`,
        [context.author.run, xid],
      );
      if (!rows[0]) return 'unknown';
      return rows[0].there ? 'committed' : 'rolledBack';
    });
  } catch (error) {
    context.log('warning', 'no-answer-about-commit', { error: error instanceof Error ? error.name : 'Error' });
    return 'unknown';
  }
}
