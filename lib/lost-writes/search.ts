import { alteredByUs, authorOf } from './author.ts';
import { type Cursor, oldestOf } from './cursor.ts';
import type { FindOptions } from './find.ts';
import { EMPTY_TALLY, type Finding, rowId } from './finding.ts';
import { type OwnWork, type Touch, touchOf } from './own-work.ts';
import type { Clock } from './rows.ts';
import { readClock, readFile } from './scan.ts';
import type { Survey, SurveyedTable } from './table.ts';

/** What the steps in one table work with, within one snapshot of each side. */
export type Search = Pick<FindOptions, 'live' | 'copy'> & {
  survey: Survey;
  table: SurveyedTable;
  touch: Touch;
  author: (xid: string) => 'others' | 'ours' | 'unclear';
  clock: Clock & { age: number | null };
  /** What an earlier pass found in this table. */
  earlier: { findings: readonly Finding[]; ids: ReadonlySet<string>; copyRows: number | null };
  /** With a position. */
  cursor: Cursor;
};

/** Null when there is nothing to read in the table at which the cursor stands. */
export async function prepareSearch(
  options: FindOptions & { cursor: Cursor; earlierFound: ReadonlyMap<string, Finding[]> },
): Promise<Search | null> {
  const { live, copy, survey, work, cursor } = options;
  const table = survey.tables[cursor.table];
  if (!table || isSkipped(table, work, cursor.pass)) return null;
  const { label } = table;
  const file = await readFile(live, table);
  // Dropped since the survey: the next survey will say so.
  if (file === null) return null;
  const findings = options.earlierFound.get(label)?.filter(({ key }) => key.length > 0) ?? [];
  const earlierTally = options.earlier?.cursor.tallies[label] ?? null;
  const clock = await readClock(live, sinceFor(options, table));
  const first: Cursor['position'] =
    findings.length > 0
      ? { phase: 'recheck', next: 0 }
      : { phase: 'scan', page: 0, row: null, file: file.file, pages: file.pages };
  const { position } = cursor;
  const begins = position === null || (position.phase === 'scan' && position.file !== file.file);
  const author = authorOf(work);
  return {
    ...{ live, copy, survey, table, clock },
    touch: touchOf(work, label),
    author: (xid) => author(label, xid),
    earlier: { findings, ids: new Set(findings.map(rowId)), copyRows: earlierTally?.copyRows ?? null },
    cursor: begins ? { ...cursor, position: first, tallies: { ...cursor.tallies, [label]: EMPTY_TALLY } } : cursor,
  };
}

/**
 * From which transaction on rows are looked at. What our run touched is read from the restore point on in every pass, because
 * the rows that still carry its ids are counted, and others may have written over them after the first.
 */
function sinceFor(
  { earlier, work, cursor, pass }: FindOptions & { cursor: Cursor },
  table: SurveyedTable,
): string | null {
  if (pass !== 'second' || !earlier || table.key === null || table.side !== 'both') return cursor.since;
  const tally = earlier.cursor.tallies[table.label];
  const own = work.anything || work.touched[table.label] !== undefined;
  const read = tally !== undefined && tally.compared !== 'not-yet';
  return own || !read || tally.ownNew + tally.ownKept > 0 ? cursor.since : oldestOf(earlier.cursor.snapshot);
}

function isSkipped(table: SurveyedTable, work: OwnWork, pass: Cursor['pass']): boolean {
  if (table.side === 'copy' || table.unreadable !== null) return true;
  if (table.side === 'live' && alteredByUs(work, table)) return true;
  // Their rows have no names by which a second look could take back a first.
  return pass === 'first' && (table.key === null || table.side !== 'both');
}
