import { type Written as Entry, touchEntry, writeDetail, writeEntry, writeHistory } from '../lib/journal/record.ts';
import type { Statement } from '../lib/migrations/parse.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { hashStatement } from '../lib/migrations/resume.ts';
import { placeAt } from '../lib/postgres/place.ts';
import { runText } from '../lib/postgres/simple-query.ts';
import { SqlError, toSqlError } from '../lib/postgres/sql-error.ts';
import { sqlState } from '../lib/postgres/sql-state.ts';
import { commit } from './commit.ts';
import { ConnectionLostError, reason } from './errors.ts';
import { type Fact, RESET_SESSION, toWritten, type Written, write } from './fact.ts';
import { verifySameTransaction } from './same-transaction.ts';
import { cancellable, isLost, rollback, type Session } from './session.ts';
import { subtransactionsOf } from './subtransactions.ts';
import { changesBetween, readTables } from './table-changes.ts';

/** How isolated it is stays with the file, which may have set that. */
const BEGIN = `begin read write; ${RESET_SESSION}`;

export type RowChange = {
  file: ReleaseFile;
  /** That it is done. */
  fact: Fact;
  statement: Statement;
  /** Asked when it is: the file may be whole with it. */
  whole: () => Pick<Fact, 'whole'>;
};

/**
 * Runs a statement that only changes rows, in one transaction with the row that says that it is done, and what it did to which table.
 * `lost`: the connection broke at COMMIT, and the server rolled back.
 *
 * @throws FencedError; SqlError and the stop's reason after the refusal is in the journal; ConnectionLostError, and then nothing of it is in the
 *   database unless the message says that nobody knows
 */
export async function applyRowChange(session: Session, change: RowChange): Promise<Written> {
  const { file, fact, statement } = change;
  const { client } = session;
  let entry: Entry;
  try {
    await client.query(BEGIN);
    entry = await writeEntry(client, session.context.author, fact);
  } catch (error) {
    if (isLost(session, error)) return 'lost';
    await rollback(session);
    throw error;
  }
  try {
    await run(session, change, entry);
    return toWritten(session, await commit(session, entry.xid), fact);
  } catch (error) {
    if (error instanceof ConnectionLostError) throw error;
    if (isLost(session, error)) throw lost(change, error);
    await rollback(session);
    const cause = error instanceof SqlError ? error.cause : error;
    const detail = { sqlState: sqlState(cause), mayHaveCommitted: false, droppedIndexes: [] };
    const noted = await write(session, { ...fact, state: 'refused', detail });
    if (noted === 'lost') throw lost(change, cause);
    if (sqlState(cause) === null) throw error;
    const { start } = statement;
    throw toSqlError(cause, { file: file.file, text: file.sql, start }, start);
  }
}

/** The statement, then what it put off to the end, so that no trigger runs after we have measured. */
async function run(session: Session, { file, statement, whole }: RowChange, entry: Entry): Promise<void> {
  const { client, context } = session;
  const before = await readTables(client);
  await cancellable(session, () => runText(client, statement.sql));
  await cancellable(session, () => runText(client, 'set constraints all immediate'));
  await runText(client, RESET_SESSION);
  const { counted } = await verifySameTransaction(session, file, entry.xid);
  const changes = changesBetween(before, await readTables(client), counted);
  // A subtransaction of our own, the last: every other one of this transaction has a smaller id than it.
  await client.query('savepoint carthub_db_last');
  const last = await touchEntry(client, entry);
  await client.query('release savepoint carthub_db_last');
  const subtransactions = await subtransactionsOf(client, entry.xid, last);
  await writeDetail(client, entry, { ...changes, subtransactions, statement: hashStatement(statement.sql) });
  const { whole: history } = whole();
  if (history) await writeHistory(client, context.author, history.file, history.durationMs);
}

function lost({ file, fact, statement }: RowChange, cause: unknown): ConnectionLostError {
  return new ConnectionLostError(
    `The connection was lost while statement ${fact.step} of ${file.file} ran, so the server rolls it back: ${reason(cause)}.`,
    {
      remedy: 'Find out why (a failover, an ended session, the network), then start again.',
      cause,
      place: placeAt(file.file, file.sql, statement.start),
    },
  );
}
