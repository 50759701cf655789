import { compareRange } from './compare-keys.ts';
import type { Position } from './cursor.ts';
import { EMPTY_TALLY, type Finding, rowId, type Tally } from './finding.ts';
import { addCounts, judge } from './judge.ts';
import { hasKey, keyOf, type LiveRow, readLiveRows, readRows } from './rows.ts';
import { countCopyPages, countPages, pageEnd, readFile, readPlaces, readYoung } from './scan.ts';
import type { Search } from './search.ts';
import { batchSize } from './table.ts';
import type { TextRow } from './text.ts';

type At<Phase extends Position['phase']> = Extract<Position, { phase: Phase }>;
/** What a step came to; without a position the table is through. */
export type Stepped = { position: Position | null; tally: Tally; found: Finding[] };

/** One bounded step in the search's table. */
export function stepThrough(search: Search): Promise<Stepped> {
  const { position, tallies } = search.cursor;
  const tally = tallies[search.table.label] ?? EMPTY_TALLY;
  switch (position?.phase) {
    case 'recheck':
      return recheck(search, position, tally);
    case 'scan':
      return scan(search, position, tally);
    case 'count':
      return countCopy(search, position, tally);
    case 'keys':
      return compareKeys(search, position, tally);
    case undefined:
      throw new Error('A search stands at no position.');
  }
}

/** Looks again at what an earlier pass found; what is not so any more is taken back. */
async function recheck(search: Search, { next }: At<'recheck'>, tally: Tally): Promise<Stepped> {
  const { table, live, earlier } = search;
  const some = hasKey(table) ? earlier.findings.slice(next, next + batchSize(table, table.key.columns.length)) : [];
  const last = await readFile(live, table);
  const { file, pages } = last ?? { file: null, pages: 0 };
  if (!hasKey(table) || some.length === 0) {
    return { position: { phase: 'scan', page: 0, row: null, file, pages }, tally, found: [] };
  }
  const keys = some.map(({ key }) => key);
  const now = await readLiveRows(live, table, keys, search.clock);
  const then = await readRows(search.copy, table, keys);
  const judged = keys.map((key, at) => judgeOne(search, key, now.get(at) ?? null, then.get(at) ?? null));
  const found = judged.map(({ finding }, at): Finding => {
    const none = {
      table: table.label,
      key: keys[at] ?? [],
      live: null,
      copy: null,
      kind: 'none',
      author: 'gone',
    } as const;
    return finding ?? none;
  });
  // What carries our id is counted by the scan, which meets all of it.
  const counted = judged.reduce(
    (sum, { counts: { foreignNew = 0, missing = 0 } }) => addCounts(sum, { foreignNew, missing }),
    tally,
  );
  return { position: { phase: 'recheck', next: next + some.length }, tally: counted, found };
}

/** Counts a range of pages, and where there are young rows in it reads them batch by batch. */
async function scan(search: Search, at: At<'scan'>, tally: Tally): Promise<Stepped> {
  const { table, live, clock } = search;
  const { page, row, pages } = at;
  if (page >= pages) return { position: { phase: 'count', page: 0, rows: 0 }, tally, found: [] };
  const onwards = { ...at, page: pageEnd(page), row: null };
  let counted = tally;
  if (row === null) {
    const { rows, young, places } = await countPages(live, table, page, clock.age);
    counted = { ...tally, liveRows: tally.liveRows + rows };
    if (young === 0) return { position: onwards, tally: counted, found: [] };
    if (places !== null) {
      const few = await readPlaces({ client: live, table, clock, places });
      const { tally: total, found } = await judgeAll(search, few, counted);
      return { position: onwards, tally: total, found };
    }
  }
  const { rows, last } = await readYoung({ client: live, table, clock, page, row });
  const { tally: total, found } = await judgeAll(search, rows, counted);
  return { position: last === null ? onwards : { ...at, row: last }, tally: total, found };
}

async function judgeAll(search: Search, rows: LiveRow[], tally: Tally): Promise<{ tally: Tally; found: Finding[] }> {
  const { table, copy, earlier } = search;
  const keys = rows.map(({ values }) => keyOf(table, values));
  const then = hasKey(table) && table.side === 'both' ? await readRows(copy, table, keys) : new Map<number, TextRow>();
  const found: Finding[] = [];
  let total = tally;
  for (const [at, row] of rows.entries()) {
    const key = keys[at] ?? [];
    const { finding, counts } = judgeOne(search, key, row, then.get(at) ?? null);
    const known = earlier.ids.has(rowId({ table: table.label, key }));
    total = addCounts(total, known ? { ...counts, foreignNew: 0 } : counts);
    if (finding) found.push(finding);
  }
  return { tally: total, found };
}

function judgeOne(search: Search, key: string[], live: LiveRow | null, copy: TextRow | null) {
  const { table, touch, clock } = search;
  const author = live === null ? 'others' : search.author(live.xid);
  return judge({ table, key, live, copy, touch, author, isYoung: clock.age !== null });
}

/** The copy's rows; then counting alone may show that none of them is missing but those that are known. */
async function countCopy(search: Search, { page, rows }: At<'count'>, tally: Tally): Promise<Stepped> {
  const { table, copy, earlier } = search;
  const known = table.side === 'both' ? earlier.copyRows : 0;
  const file = known === null ? await readFile(copy, table) : null;
  if (known === null && file !== null && page < file.pages) {
    const more = await countCopyPages(copy, table, page);
    return { position: { phase: 'count', page: pageEnd(page), rows: rows + more }, tally, found: [] };
  }
  const counted = { ...tally, copyRows: known ?? rows };
  if (addsUp(counted)) return { position: null, tally: { ...counted, compared: 'by-count' }, found: [] };
  if (!hasKey(table) || table.key.order === null || table.side !== 'both') {
    return { position: null, tally: { ...counted, compared: 'impossible' }, found: [] };
  }
  return { position: { phase: 'keys', after: null }, tally: { ...counted, missing: 0 }, found: [] };
}

/** Every row of the copy is either in the live table or known to be missing. */
function addsUp({ copyRows, liveRows, foreignNew, ownNew, missing }: Tally): boolean {
  return copyRows !== null && copyRows - (liveRows - foreignNew - ownNew) === missing;
}

async function compareKeys(search: Search, { after }: At<'keys'>, tally: Tally): Promise<Stepped> {
  const { table, live, copy, cursor } = search;
  if (!hasKey(table)) throw new Error(`${table.label} has no key.`);
  const range = await compareRange({ live, copy, table, after });
  if (range.last === null) {
    // While others write, the counts of different moments need not come out.
    const compared = addsUp(tally) || cursor.pass === 'first' ? 'by-key' : 'impossible';
    return { position: null, tally: { ...tally, compared }, found: [] };
  }
  const then = await readRows(copy, table, range.missing);
  const found = range.missing.flatMap((key, at) => {
    const { finding } = judgeOne(search, key, null, then.get(at) ?? null);
    return finding ? [finding] : [];
  });
  return {
    position: { phase: 'keys', after: range.last },
    tally: addCounts(tally, { missing: found.length }),
    found,
  };
}
