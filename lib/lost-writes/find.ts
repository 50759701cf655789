import { type Cursor, oldestOf } from './cursor.ts';
import { EMPTY_TALLY, type Finding, type Tally } from './finding.ts';
import type { OwnWork } from './own-work.ts';
import { prepareSearch, type Search } from './search.ts';
import { stepThrough } from './steps.ts';
import type { Sides } from './survey.ts';
import type { Survey } from './table.ts';
import { reading, readText } from './text.ts';

/** What an earlier pass ended with. */
export type Earlier = { findings: readonly Finding[]; cursor: Cursor };

export type FindOptions = Sides & {
  /** Made for this pass: others may have changed tables since another one. */
  survey: Survey;
  work: OwnWork;
  /** pg_current_snapshot() of the restore point; null where nobody saved one: then each row is held against the copy's. */
  snapshot: string | null;
  pass: Cursor['pass'];
  /** The first pass, for the second. */
  earlier?: Earlier | null;
  /** Null to begin. */
  cursor: Cursor | null;
  now: () => Date;
  /** When to stop; 4 minutes unless said. What is under way then takes some seconds more. */
  maxMs?: number;
  /** How many rows to hand over at once, give or take a batch of at most 1,000; 5,000 unless said. */
  maxRows?: number;
};

/** How long one transaction stays open: it keeps locks that a change of a table would wait for. */
const STRETCH_MS = 1_000;

/**
 * Finds the rows that other sessions wrote since the restore point and that the copy has not got as they are, slice by
 * slice: call it with the returned cursor until that is done, and keep the findings of each slice; the same cursor gives
 * the same slice again. Then {@link mergeFindings} of all slices of all passes is what was found.
 *
 * Young rows are those whose transaction the restore point's snapshot does not know to be over. Rolled back work, row
 * locks and VACUUM leave no trace in them. What is gone is found by counting both sides and, where that does not come out, by
 * comparing the keys. Changes nothing.
 */
export async function findLostRows(options: FindOptions): Promise<{ cursor: Cursor; findings: Finding[] }> {
  const { live, copy, now, pass, maxMs = 240_000, maxRows = 5_000 } = options;
  const findings: Finding[] = [];
  const started = now().getTime();
  const since = () => now().getTime() - started;
  const earlierFound = Map.groupBy(options.earlier?.findings ?? [], ({ table }) => table);
  let cursor = options.cursor ?? (await begin(options));
  while (!cursor.done && since() < maxMs && findings.length < maxRows) {
    const at = since();
    cursor = await reading(live, () =>
      reading(copy, async () => {
        const goesOn = () => since() < Math.min(at + STRETCH_MS, maxMs) && findings.length < maxRows;
        let reached = cursor;
        do {
          const search = await prepareSearch({ ...options, earlierFound, cursor: reached });
          reached = search === null ? nextTable(reached, options.survey) : await walk(search, findings, goesOn);
        } while (!reached.done && goesOn());
        return reached;
      }),
    );
  }
  return { cursor: { ...cursor, pass }, findings };
}

/** Steps in one table until it is through or time is up. */
async function walk(search: Search, findings: Finding[], goesOn: () => boolean): Promise<Cursor> {
  let { cursor } = search;
  const { label } = search.table;
  do {
    const { position, tally, found } = await stepThrough({ ...search, cursor });
    findings.push(...found);
    const tallies: Record<string, Tally> = { ...cursor.tallies, [label]: tally };
    cursor = { ...cursor, tallies, position };
    if (position === null) return nextTable(cursor, search.survey);
  } while (goesOn());
  return cursor;
}

async function begin({ live, snapshot, survey, pass }: FindOptions): Promise<Cursor> {
  const [[current] = []] = await readText(live, 'select pg_current_snapshot()');
  return {
    ...{ format: 1, pass, snapshot: current ?? '', position: null, table: 0 },
    since: snapshot === null ? null : oldestOf(snapshot),
    tallies: Object.fromEntries(survey.tables.map(({ label }) => [label, EMPTY_TALLY])),
    done: survey.tables.length === 0,
  };
}

function nextTable(cursor: Cursor, survey: Survey): Cursor {
  const table = cursor.table + 1;
  return { ...cursor, table, position: null, done: table >= survey.tables.length };
}
