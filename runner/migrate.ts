import type { Client } from 'pg';
import type { Documents } from '../lib/documents/documents.ts';
import { CarthubError } from '../lib/errors.ts';
import { fenced, raiseFence, readFence } from '../lib/journal/fence.ts';
import { type Applied, planPending, readHistory, versionOf } from '../lib/migrations/history.ts';
import type { Release } from '../lib/migrations/release.ts';
import { brokenBecause, withClient } from '../lib/postgres/connect.ts';
import { toSqlError } from '../lib/postgres/sql-error.ts';
import { sqlState } from '../lib/postgres/sql-state.ts';
import { CREATE_OWN_TABLES } from '../lib/postgres/tables.ts';
import type { AppliedFile } from '../lib/runs/verdict.ts';
import { applyStatements } from './apply-statements.ts';
import { applyTransaction } from './apply-transaction.ts';
import { type CheckedFile, checkFiles } from './check-files.ts';
import type { Context } from './context.ts';
import { ConnectionLostError, reason } from './errors.ts';
import { type Fact, write } from './fact.ts';
import { resetSession } from './reset-session.ts';
import { makeRestorePoint } from './restore-point.ts';
import { takeRunLock } from './run-lock.ts';
import { isLost, type Session, withSession } from './session.ts';

/** How far a run has come; kept up to date, so that it is true also when the run fails. */
export type Progress = {
  /** Whether the run had the lock at any time: only then its report counts. */
  heldLock: boolean;
  before: number | null;
  after: number | null;
  files: AppliedFile[];
  /** True of the database, but not in its journal: written as soon as a session can. */
  owed: Fact[];
};

export function noProgress(): Progress {
  return { heldLock: false, before: null, after: null, files: [], owed: [] };
}

/** A connection that breaks at COMMIT is made anew this often; more is no accident. */
const SESSIONS = 5;

/**
 * Takes the database to the release's version, file by file.
 *
 * A session that broke after the server had taken the COMMIT is replaced by another, which must get lock and fence again
 * and plans anew from the history.
 *
 * @throws every named error of what it calls; `progress` then says what is done
 */
export async function migrate(
  context: Context,
  documents: Documents,
  release: Release,
  progress: Progress,
): Promise<void> {
  try {
    for (let number = 1; number <= SESSIONS; number += 1) {
      const through = await withSession(context, (session) =>
        work(session, documents, release, progress).catch((error: unknown) => {
          throw named(session, error);
        }),
      );
      if (through) return;
      context.log('warning', 'session-replaced', { number });
    }
    throw new ConnectionLostError(`The connection was lost ${SESSIONS} times.`, {
      remedy: 'Look for what cuts it: the network, a proxy, failovers. What was applied is in the history.',
    });
  } catch (error) {
    if (error instanceof ConnectionLostError) await throwIfFenced(context);
    throw error;
  }
}

/** True when everything is applied; false when the session broke, but nothing is in doubt. */
async function work(session: Session, documents: Documents, release: Release, progress: Progress): Promise<boolean> {
  const { client, context } = session;
  await takeRunLock(session);
  progress.heldLock = true;
  await takeFence(session);
  if (!(await payOwed(session, progress))) return false;
  const history = await readHistory(client);
  note(progress, history, release, context.author.run);
  const planned = planPending(history, release);
  if (planned.length === 0) return true;
  const pending = await checkFiles(client, planned);
  const point = await makeRestorePoint(session, documents);
  context.log('info', 'restore-point', { time: point.time, lsn: point.lsn });
  for (const file of pending) {
    if (!(await apply(session, file, progress))) return false;
    if (brokenBecause(client)) return false;
    await resetSession(session);
  }
  return true;
}

/** Writes what the journal has not got. False when the session broke at it. @throws ConnectionLostError */
async function payOwed(session: Session, progress: Progress): Promise<boolean> {
  for (let fact = progress.owed[0]; fact; fact = progress.owed[0]) {
    if ((await write(session, fact)) === 'lost') return false;
    progress.owed.shift();
    if (brokenBecause(session.client)) return false;
  }
  return true;
}

async function apply(session: Session, checked: CheckedFile, progress: Progress): Promise<boolean> {
  const { file, version, mode } = checked.file;
  const { log } = session.context;
  log('info', 'file-begun', { file, version, mode, firstStep: checked.firstStep });
  let applied: AppliedFile;
  if (mode === 'transaction') {
    applied = await applyTransaction(session, checked);
  } else {
    const end = await applyStatements(session, checked);
    if ('owed' in end) {
      progress.owed.push(...end.owed);
      return false;
    }
    applied = end.applied;
  }
  progress.files.push(applied);
  progress.after = version;
  log('info', 'file-applied', { file, version, durationMs: applied.durationMs });
  return true;
}

/** The history knows best what this run has applied: also what an earlier session or start of it did. */
function note(progress: Progress, history: readonly Applied[], release: Release, run: string): void {
  const names = new Map(release.files.map(({ version, file }) => [version, file]));
  const ours = history.filter(({ runId }) => runId === run);
  progress.files = ours.map(({ version, durationMs }) => ({
    version,
    file: names.get(version) ?? `${version}`,
    durationMs: durationMs ?? 0,
  }));
  progress.before = versionOf(history.filter(({ runId }) => runId !== run));
  progress.after = versionOf(history);
}

/** Raises the token; a database that has never seen us gets our tables first. */
async function takeFence({ client, context }: Session): Promise<void> {
  try {
    await raiseFence(client, context.author.token);
  } catch (error) {
    if (!NO_SUCH_TABLE.has(sqlState(error) ?? '')) throw error;
    await createOwnTables(client);
    await raiseFence(client, context.author.token);
  }
}

/** undefined_table, invalid_schema_name */
const NO_SUCH_TABLE: ReadonlySet<string> = new Set(['42P01', '3F000']);

async function createOwnTables(client: Client): Promise<void> {
  try {
    // One simple query is one transaction: all of it or nothing.
    await client.query(CREATE_OWN_TABLES);
  } catch (error) {
    throw toSqlError(error, null);
  }
}

/** What broke or was refused where no file was under way, under a name of ours and with a remedy. */
function named(session: Session, error: unknown): unknown {
  if (error instanceof CarthubError) return error;
  if (isLost(session, error)) {
    return new ConnectionLostError(`The connection was lost while no file was being applied: ${reason(error)}.`, {
      remedy: 'Find out why (a failover, an ended session, the network), then start again.',
      cause: error,
    });
  }
  return sqlState(error) === null ? error : toSqlError(error, null);
}

/** The sessions of a run that lost its right are ended: then that is the reason to report, and not the lost connection. */
async function throwIfFenced({ database, author, log }: Context): Promise<void> {
  let found: number | null;
  try {
    found = await withClient({ ...database, readOnly: true, statementTimeoutMs: 5_000 }, readFence);
  } catch (error) {
    log('warning', 'fence-not-read', { error: error instanceof Error ? error.name : 'Error' });
    return;
  }
  if (found !== null && found > author.token) throw fenced(author.token, found);
}
