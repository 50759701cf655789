import type { JournalRow } from '../journal/journal.ts';
import type { Applied } from '../migrations/history.ts';
import type { BegunStep, BlamedFile } from './assessment.ts';

/**
 * Classes of SQLSTATE by which a server says that something else went wrong than the statement: the connection, its resources,
 * somebody who shut it down, its own files. https://www.postgresql.org/docs/15/errcodes-appendix.html
 */
const NOT_THE_SQL = /^(08|53|57P|58|F0|XX)/;

/**
 * The file of a statement that nobody knows the end of, when the server refused it by itself: a procedure that had committed
 * on its way. A statement without any word of its end was cut off with its session.
 */
export function blamedForStep(journal: readonly JournalRow[], { file, step }: BegunStep, reason: string): BlamedFile[] {
  const last = journal.findLast((row) => row.file === file && row.step === step);
  if (last?.state !== 'refused' || last.detail === null || !('sqlState' in last.detail)) return [];
  const { sqlState } = last.detail;
  return sqlState === null || NOT_THE_SQL.test(sqlState) ? [] : [{ sha256: last.sha256, file, reason }];
}

/** Every file that the run applied whole: together they made another schema than they should, and would again. */
export function blamedForSchema(
  journal: readonly JournalRow[],
  history: readonly Applied[],
  reason: string,
): BlamedFile[] {
  const whole = new Set(history.map(({ version }) => version));
  const files = new Map(journal.filter(({ version }) => whole.has(version)).map((row) => [row.sha256, row.file]));
  return [...files].map(([sha256, file]) => ({ sha256, file, reason }));
}
