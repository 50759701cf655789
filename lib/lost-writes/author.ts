import type { OwnWork } from './own-work.ts';
import type { SurveyedTable } from './table.ts';

type Range = { from: string; below: string | null; tables: readonly string[] | null };

/** Who wrote a row of this table, by the whole id of the transaction: others, our run, or one of a range that holds both. */
export function authorOf(work: OwnWork): (table: string, xid: string) => 'others' | 'ours' | 'unclear' {
  const ours = new Set(work.xids);
  const inRange = rangesOf(work.ranges);
  return (table, xid) => {
    if (ours.has(xid)) return 'ours';
    return inRange(table, xid) ? 'unclear' : 'others';
  };
}

/** Whether our run wrote what the table has in the catalogs beyond the copy. */
export function alteredByUs(work: OwnWork, { label, alteredBy }: Pick<SurveyedTable, 'label' | 'alteredBy'>): boolean {
  const inRange = rangesOf(work.altering);
  return alteredBy.length > 0 && alteredBy.every((xid) => work.xids.includes(xid) || inRange(label, xid));
}

function rangesOf(all: readonly Range[]): (table: string, xid: string) => boolean {
  const ranges = all.map(({ from, below, tables }) => ({
    from: BigInt(from),
    below: below === null ? null : BigInt(below),
    tables: tables && new Set(tables),
  }));
  return (table, xid) => {
    const id = BigInt(xid);
    return ranges.some(
      ({ from, below, tables }) =>
        id >= from && (below === null || id < below) && (tables === null || tables.has(table)),
    );
  };
}
