import { type Written, writeDetail, writeEntry, writeHistory } from '../lib/journal/record.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { textStart } from '../lib/migrations/split.ts';
import { placeOf } from '../lib/postgres/place.ts';
import { runText } from '../lib/postgres/simple-query.ts';
import { toSqlError } from '../lib/postgres/sql-error.ts';
import type { AppliedFile } from '../lib/runs/verdict.ts';
import type { CheckedFile } from './check-files.ts';
import { commit } from './commit.ts';
import { ConnectionLostError, reason } from './errors.ts';
import { verifySameTransaction } from './same-transaction.ts';
import { cancellable, isLost, rollback, type Session } from './session.ts';
import { subtransactionsOf } from './subtransactions.ts';
import { changesBetween, readTables } from './table-changes.ts';

/**
 * Applies a file in one transaction, which holds its journal row first and its history row last.
 *
 * @throws FencedError, SqlError, ConnectionLostError, TransactionEscapedError: nothing of the file is in the database,
 *   unless the message of ConnectionLostError says that nobody knows
 */
export async function applyTransaction(session: Session, { file, starts }: CheckedFile): Promise<AppliedFile> {
  const { client, context } = session;
  const began = performance.now();
  let entry: Written;
  try {
    await client.query('begin isolation level read committed read write');
    entry = await writeEntry(client, context.author, { file, step: 0, state: 'transaction' });
    const before = await readTables(client);
    await runFile(session, file, starts);
    // What a migration set, its role and search path included, must not touch our own statements.
    await runText(client, 'reset session authorization; reset role; reset all');
    const { counted } = await verifySameTransaction(session, file, entry.xid);
    const changes = changesBetween(before, await readTables(client), counted);
    // A subtransaction of our own, the last: every other one of this transaction has a smaller id than it.
    await client.query('savepoint carthub_db_last');
    const last = await writeHistory(client, context.author, file, Math.round(performance.now() - began));
    await client.query('release savepoint carthub_db_last');
    const subtransactions = await subtransactionsOf(client, entry.xid, last);
    await writeDetail(client, entry, { ...changes, subtransactions });
    context.stop.throwIfAborted();
  } catch (error) {
    if (isLost(session, error)) throw lostBefore(file, error);
    await rollback(session);
    throw error;
  }
  const end = await commit(session, entry.xid);
  if (end !== 'committed') throw lostAtCommit(file, end);
  return { version: file.version, file: file.file, durationMs: Math.round(performance.now() - began) };
}

/** The whole text as one simple query, then what it put off to the end, so that no trigger runs after we have measured. */
async function runFile(session: Session, file: ReleaseFile, starts: readonly number[]): Promise<void> {
  const { client } = session;
  const start = textStart(file.sql);
  const progress = { completed: 0 };
  try {
    await cancellable(session, () => runText(client, file.sql.slice(start), progress));
    await cancellable(session, () => runText(client, 'set constraints all immediate'));
  } catch (error) {
    if (session.context.stop.aborted || isLost(session, error)) throw error;
    throw toSqlError(error, { file: file.file, text: file.sql, start }, starts[progress.completed] ?? null);
  }
}

function lostBefore(file: ReleaseFile, cause: unknown): ConnectionLostError {
  return new ConnectionLostError(
    `The connection was lost before ${file.file} was committed, so the server rolls it back: ${reason(cause)}.`,
    {
      remedy: 'Find out why (a failover, an ended session, the network), then start again.',
      cause,
      place: placeOf(file.file),
    },
  );
}

function lostAtCommit(file: ReleaseFile, end: 'rolledBack' | 'unknown'): ConnectionLostError {
  const known =
    end === 'rolledBack' ? 'the server says that it rolled it back' : 'the database did not answer since: nobody knows';
  return new ConnectionLostError(`The connection was lost when ${file.file} was being committed, and ${known}.`, {
    remedy:
      end === 'rolledBack'
        ? 'Start again.'
        : `Ask the history when the database answers: select * from carthub_db.schemaversion where version = ${file.version}`,
    place: placeOf(file.file),
  });
}
