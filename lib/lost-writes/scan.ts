import type { ClientBase } from 'pg';
import { type Clock, type LiveRow, liveColumns, liveRow } from './rows.ts';
import { batchSize, only, type SurveyedTable } from './table.ts';
import { readText } from './text.ts';

/** Pages that one statement counts: 16 MiB, some milliseconds from memory. */
const PAGES = 2048;

/** Pages are counted up to here in the next step. */
export function pageEnd(page: number): number {
  return page + PAGES;
}

/** The clock of this snapshot, and how many transactions ago `since` was; null stays null. */
export async function readClock(client: ClientBase, since: string | null): Promise<Clock & { age: number | null }> {
  const short = BigInt(since ?? 0) & 0xffff_ffffn;
  const [[next, age] = []] = await readText(
    client,
    `select (pg_snapshot_xmax(now.snapshot)::text::bigint
        + age((pg_snapshot_xmax(now.snapshot)::text::bigint & 4294967295)::text::xid))::text, age('${short}'::xid)::text
     from (select pg_current_snapshot() as snapshot) now`,
  );
  return { next: next ?? '', age: since === null ? null : Number(age) };
}

/** A table's file and length in pages; null when there is no such table any more. */
export async function readFile(
  client: ClientBase,
  table: SurveyedTable,
): Promise<{ file: string | null; pages: number } | null> {
  const [found] = await readText(
    client,
    `select pg_relation_filenode(c.oid)::text, (pg_relation_size(c.oid) / current_setting('block_size')::int)::text
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    [table.schema, table.name],
  );
  return found ? { file: found[0] ?? null, pages: Number(found[1]) } : null;
}

/**
 * How many rows lie in these pages, and where those are that may be as young as `age`, unless they are more than one batch. One look at
 * each row's age is half of what this costs, so those of long ago with an id ahead of us are among them.
 */
export async function countPages(
  client: ClientBase,
  table: SurveyedTable,
  page: number,
  age: number | null,
): Promise<{ rows: number; young: number; places: string | null }> {
  const [[rows, young, places] = []] = await readText(
    client,
    `select s.rows::text, cardinality(s.places)::text, case when cardinality(s.places) <= ${youngBatch(table)} then s.places end
     from (select count(*) as rows, array_agg(t.ctid) ${age === null ? '' : `filter (where age(t.xmin) <= ${age})`} as places
       from ${only(table)} t where ${within(page, null)}) s`,
  );
  return { rows: Number(rows), young: Number(young ?? 0), places: places ?? null };
}

/** How many rows of the copy lie in these pages. */
export async function countCopyPages(client: ClientBase, table: SurveyedTable, page: number): Promise<number> {
  const [[rows] = []] = await readText(
    client,
    `select count(*)::text from ${only(table)} t where ${within(page, null)}`,
  );
  return Number(rows);
}

/** The rows at these places, as {@link countPages} of the same snapshot tells them. */
export async function readPlaces(options: {
  client: ClientBase;
  table: SurveyedTable;
  clock: Clock & { age: number | null };
  places: string;
}): Promise<LiveRow[]> {
  const { client, table, clock, places } = options;
  const found = await readText(
    client,
    `${selectRows(table, clock)} where t.ctid = any ($1::tid[]) and ${isYoung(clock.age)}`,
    [places],
  );
  return found.map(([, ...row]) => liveRow(row));
}

/** The next young rows of these pages after `row`, in the order in which they lie; `last` is null when there are no more. */
export async function readYoung(options: {
  client: ClientBase;
  table: SurveyedTable;
  clock: Clock & { age: number | null };
  page: number;
  row: string | null;
}): Promise<{ rows: LiveRow[]; last: string | null }> {
  const { client, table, clock, page, row } = options;
  const size = youngBatch(table);
  const found = await readText(
    client,
    `${selectRows(table, clock)} where ${within(page, row)} and ${isYoung(clock.age)} limit ${size}`,
  );
  const rows = found.map(([, ...row]) => liveRow(row));
  return { rows, last: found.length < size ? null : (found.at(-1)?.[0] ?? null) };
}

function selectRows(table: SurveyedTable, clock: Clock): string {
  return `select ${['t.ctid', ...liveColumns(table, clock)].join(', ')} from ${only(table)} t`;
}

function youngBatch(table: SurveyedTable): number {
  return batchSize(table, table.key?.columns.length ?? 1);
}

/** Rows that were frozen so long ago that their short ids lie ahead of us have a negative age. */
function isYoung(age: number | null): string {
  return age === null ? 'true' : `age(t.xmin) between 0 and ${age}`;
}

function within(page: number, row: string | null): string {
  return `t.ctid > '${row ?? `(${page},0)`}' and t.ctid < '(${pageEnd(page)},0)'`;
}
