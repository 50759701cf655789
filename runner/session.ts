import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { breakConnection, brokenBecause, withClient } from '../lib/postgres/connect.ts';
import { endsSession, sqlState } from '../lib/postgres/sql-state.ts';
import type { Context } from './context.ts';

/** The one session in which a run works. */
export type Session = { client: Client; pid: number; context: Context };

/** Lends `use` a session of the run, and logs what the server remarks. */
export function withSession<T>(context: Context, use: (session: Session) => Promise<T>): Promise<T> {
  return withClient({ ...context.database, statementTimeoutMs: 0 }, async (client) => {
    client.on('notice', ({ severity, code }) => {
      // Its text may quote a row; the code says what kind of remark it is.
      context.log('info', 'notice', { severity: severity ?? null, code: code ?? null });
    });
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const undo = breakAfterStop(client, context);
    try {
      return await use({ client, pid: rows[0]?.pid ?? 0, context });
    } finally {
      undo();
    }
  });
}

/** A session that has not come to its end by then is cut, so that the verdict is written before Kubernetes kills. */
function breakAfterStop(client: Client, { stop }: Context): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onStop = () => {
    timer = setTimeout(() => breakConnection(client, new Error('The session did not end.')), BREAK_AFTER_MS);
  };
  stop.addEventListener('abort', onStop, { once: true });
  return () => {
    stop.removeEventListener('abort', onStop);
    clearTimeout(timer);
  };
}

/** Whether `error` came of a broken connection, so that nobody heard how the last statement ended. */
export function isLost({ client }: Session, error: unknown): boolean {
  return brokenBecause(client) !== null || (sqlState(error) !== null && endsSession(error));
}

/** Rolls back; a connection that is gone has done so. */
export async function rollback(session: Session): Promise<void> {
  try {
    await session.client.query('rollback');
  } catch (error) {
    if (!isLost(session, error)) throw error;
  }
}

const CANCEL_EVERY_MS = 500;
const TERMINATE_AFTER_MS = 5_000;
const BREAK_AFTER_MS = 10_000;

/**
 * Runs a statement of a migration so that a stop of the run cancels it: first kindly, then by ending the session, at last
 * by cutting the connection, all within a third of Kubernetes' grace period of 30 seconds. Our own short statements
 * are not run this way: a cancel never hits the row that says what happened.
 *
 * @throws the stop's reason when that is why it failed
 */
export async function cancellable<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { stop } = session.context;
  stop.throwIfAborted();
  const settled = new AbortController();
  let cancelling: Promise<void> = Promise.resolve();
  const onStop = () => {
    cancelling = cancel(session, settled.signal);
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    return await work();
  } catch (error) {
    if (stop.aborted && (isLost(session, error) || sqlState(error) === QUERY_CANCELED)) throw stop.reason;
    throw error;
  } finally {
    stop.removeEventListener('abort', onStop);
    settled.abort();
    await cancelling;
  }
}

const QUERY_CANCELED = '57014';

/** Asks the server from a second session, again and again until the statement is over: one request may come between two. */
async function cancel(session: Session, settled: AbortSignal): Promise<void> {
  const { context, pid } = session;
  const since = performance.now();
  try {
    await withClient({ ...context.database, statementTimeoutMs: 2_000 }, async (second) => {
      while (!settled.aborted) {
        const how = performance.now() - since < TERMINATE_AFTER_MS ? 'pg_cancel_backend' : 'pg_terminate_backend';
        await second.query(`select ${how}($1)`, [pid]);
        await waitFor(settled, CANCEL_EVERY_MS);
      }
    });
  } catch (error) {
    // Without a second session the first is cut in the end, which ends the statement as well.
    context.log('warning', 'cancel-failed', { error: error instanceof Error ? error.name : 'Error' });
  }
}

/** Resolves after `ms`, or as soon as `signal` is aborted. */
export async function waitFor(signal: AbortSignal, ms: number): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
