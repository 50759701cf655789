import type { RefusedDetail } from '../lib/journal/journal.ts';
import type { Statement } from '../lib/migrations/parse.ts';
import { readStatements } from '../lib/migrations/read-statements.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { hashStatement, StepInDoubtError } from '../lib/migrations/resume.ts';
import { changesRows, commitsOnItsWay, leavesInvalidIndexes } from '../lib/migrations/statement-kind.ts';
import { placeAt } from '../lib/postgres/place.ts';
import { runText } from '../lib/postgres/simple-query.ts';
import { toSqlError } from '../lib/postgres/sql-error.ts';
import { sqlState } from '../lib/postgres/sql-state.ts';
import type { AppliedFile } from '../lib/runs/verdict.ts';
import { applyRowChange } from './apply-row-change.ts';
import type { CheckedFile } from './check-files.ts';
import { reason } from './errors.ts';
import { type Fact, write } from './fact.ts';
import { dropInvalidIndexes, readInvalidIndexes } from './invalid-indexes.ts';
import { cancellable, isLost, type Session } from './session.ts';

/** CREATE INDEX CONCURRENTLY waits for every older transaction; ten seconds would lose against any report that runs. */
const LOCK_TIMEOUT = '5min';

/**
 * What came of a file that runs statement by statement: applied, or the session broke while a fact about it was being
 * committed, and the file goes on in the next. `owed`: facts that are true and that the journal has not got; the next
 * session writes them first.
 */
export type StatementsEnd = { applied: AppliedFile } | { owed: Fact[] };

/**
 * Runs a file statement by statement, each in a transaction of its own making: an intent before it, its end after it. A
 * statement that only changes rows is one transaction with the row of its end.
 *
 * @throws FencedError; SqlError and the stop's reason after the refusal is in the journal; StepInDoubtError and
 *   ConnectionLostError when that is not known
 */
export async function applyStatements(
  session: Session,
  { file, starts, firstStep }: CheckedFile,
): Promise<StatementsEnd> {
  const { client, context } = session;
  const began = performance.now();
  const duration = () => Math.round(performance.now() - began);
  await client.query(`set lock_timeout = '${LOCK_TIMEOUT}'`);
  let step = 0;
  for await (const statement of readStatements(client, file)) {
    step += 1;
    if (step < firstStep) continue;
    context.stop.throwIfAborted();
    const hash = hashStatement(statement.sql);
    const atomic = changesRows(statement);
    const detail = atomic ? { statement: hash, atomic } : { statement: hash };
    const begun = await write(session, { file, step, state: 'intent', detail });
    // Committed, but nobody will run it in this session: the journal owes that it was not.
    if (begun === 'lost-committed') return { owed: [{ file, step, state: 'refused', detail: NOT_SENT }] };
    if (begun === 'lost') return { owed: [] };
    const last = step >= starts.length;
    const fact: Fact = { file, step, state: 'done', detail: { statement: hash } };
    const whole = () => (last ? { whole: { file, durationMs: duration() } } : {});
    if (atomic) {
      const done = await applyRowChange(session, { file, fact, statement, whole });
      if (done === 'lost' || (done === 'lost-committed' && !last)) return { owed: [] };
      continue;
    }
    await runStatement(session, file, step, statement);
    const ended = { ...fact, ...whole() };
    const done = await write(session, ended);
    if (done === 'lost') return { owed: [ended] };
    if (done === 'lost-committed' && !last) return { owed: [] };
  }
  if (starts.length < firstStep) {
    // No statement in it, or all of them done: only the history lacks it.
    const fact: Fact = { file, step: 0, state: 'transaction', whole: { file, durationMs: duration() } };
    if ((await write(session, fact)) === 'lost') return { owed: [] };
  }
  return { applied: { version: file.version, file: file.file, durationMs: duration() } };
}

const NOT_SENT: RefusedDetail = { sqlState: null, mayHaveCommitted: false, droppedIndexes: [] };

async function runStatement(session: Session, file: ReleaseFile, step: number, statement: Statement): Promise<void> {
  const { client } = session;
  const before = leavesInvalidIndexes(statement) ? await readInvalidIndexes(client) : null;
  try {
    await cancellable(session, () => runText(client, statement.sql));
  } catch (error) {
    if (isLost(session, error)) throw inDoubt(file, step, statement, error);
    const { dropped, left } = before ? await dropInvalidIndexes(client, before, statement) : { dropped: [], left: [] };
    const state = sqlState(error);
    const detail: RefusedDetail = {
      sqlState: state,
      // What is neither the server's answer nor our stop tells nothing of the statement.
      mayHaveCommitted:
        commitsOnItsWay(statement) || left.length > 0 || (state === null && !session.context.stop.aborted),
      droppedIndexes: dropped,
    };
    const written = await write(session, { file, step, state: 'refused', detail });
    if (written === 'lost') throw inDoubt(file, step, statement, error);
    if (session.context.stop.aborted) throw error;
    throw toSqlError(error, { file: file.file, text: file.sql, start: statement.start }, statement.start);
  }
}

function inDoubt(file: ReleaseFile, step: number, statement: Statement, cause: unknown): StepInDoubtError {
  return new StepInDoubtError(
    `The connection was lost while statement ${step} of ${file.file} ran, and nobody knows how it ended: ${reason(cause)}.`,
    {
      remedy: `See what of it is in the database. To run it again, undo that, then: carthub-db accept-state --reason TEXT. To go on after it, add: --resume-at ${file.file}:${step + 1}`,
      cause,
      place: placeAt(file.file, file.sql, statement.start),
    },
  );
}
