import type { ClientBase } from 'pg';
import { placeAt } from '../../postgres/place.ts';
import { toSqlError } from '../../postgres/sql-error.ts';
import { endsSession, sqlState } from '../../postgres/sql-state.ts';
import type { Check, CheckResult, Outcome, Step } from './check.ts';
import { EXPLAIN, whyNotByIndex } from './explain.ts';

/** The most rows that a report keeps of one statement. */
const MOST_ROWS = 1_000;

/**
 * Runs checks, each in a transaction of its own that is always rolled back. On a real database only those that are safe there run, in transactions that
 * cannot write, each statement for a few seconds at most.
 *
 * Of what a check does, three things outlive it: numbers that it took from sequences, the space that its rows took until the
 * next VACUUM, and how many rows ANALYZE found. Hence the test database.
 */
export async function runChecks(
  client: ClientBase,
  checks: readonly Check[],
  where: 'test database' | 'real database',
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    if (where === 'real database' && !check.safe) continue;
    await client.query(where === 'real database' ? 'begin read only' : 'begin');
    try {
      if (where === 'real database') await client.query(bounded(check));
      const outcomes = await runSteps(client, check);
      results.push({ file: check.file, title: check.title, passed: outcomes.every(({ passed }) => passed), outcomes });
    } finally {
      await client.query('rollback');
    }
  }
  return results;
}

/** How long a check may take on a real database, and how long one statement of it, in milliseconds. */
const MOST_MS = 20_000;
const MOST_MS_A_STEP = 5_000;

/** Nobody waits for a check, neither for its end nor for a lock of its. */
function bounded({ steps }: Check): string {
  const each = Math.ceil(Math.min(MOST_MS_A_STEP, MOST_MS / Math.max(1, steps.length)));
  return `set local statement_timeout = ${each}; set local lock_timeout = '1s'`;
}

async function runSteps(client: ClientBase, check: Check): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of check.steps) {
    await client.query('savepoint step');
    const { problem, rows } = await tryStep(client, check, step);
    // What a promise was tried with must not be there for the next.
    if (step.says !== null || problem !== null) await client.query('rollback to savepoint step');
    const says = step.says ?? 'what it prepares';
    if (step.says !== null || problem !== null) outcomes.push({ says, passed: problem === null, problem, rows });
    // Without what it prepares the rest would fail for no reason of its own.
    if (step.says === null && problem !== null) break;
  }
  return outcomes;
}

async function tryStep(client: ClientBase, check: Check, step: Step): Promise<Pick<Outcome, 'problem' | 'rows'>> {
  const { file, text } = check;
  const failed = (message: string) => ({ problem: { message, place: placeAt(file, text, step.start) }, rows: null });
  const passed = { problem: null, rows: null };
  const { must, sql } = step;
  try {
    if (must.end === 'by index') {
      const why = await whyNotByIndex(client, sql);
      return why === null ? passed : failed(why);
    }
    const { rows } = await client.query<Record<string, unknown>>(sql);
    if (must.end === 'refused') return failed(`It was taken, and should be refused with ${must.sqlState}.`);
    if (must.end === 'reported') return { problem: null, rows: rows.slice(0, MOST_ROWS) };
    if (must.end === 'well' || isTrue(rows)) return passed;
    return failed(`It returned ${JSON.stringify(rows.slice(0, 3))}, and should return one row with true.`);
  } catch (error) {
    if (endsSession(error)) throw error;
    if (must.end !== 'refused') {
      const before = must.end === 'by index' ? EXPLAIN.length : 0;
      const { message, place: found } = toSqlError(error, { file, text, start: step.start, before }, step.start);
      return { problem: { message, place: found }, rows: null };
    }
    const wrong = whyOtherRefusal(error, must);
    return wrong === null ? passed : failed(wrong);
  }
}

function isTrue(rows: readonly Record<string, unknown>[]): boolean {
  const values = rows.flatMap((row) => Object.values(row));
  return values.length === 1 && values[0] === true;
}

/** Why this is not the refusal that was promised; null when it is. */
function whyOtherRefusal(error: unknown, must: { sqlState: string; constraint: string | null }): string | null {
  const state = sqlState(error);
  const constraint = error instanceof Error && 'constraint' in error ? String(error.constraint) : null;
  const said = error instanceof Error ? error.message : String(error);
  if (state !== must.sqlState) return `It was refused with ${state}, not with ${must.sqlState}: ${said}`;
  if (must.constraint === null || must.constraint === constraint) return null;
  return `It was refused by ${constraint ?? 'no constraint'}, not by ${must.constraint}: ${said}`;
}
