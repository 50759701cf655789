import type { ClientBase } from 'pg';
import { quoteIdentifier } from '../postgres/identifier.ts';
import { absent } from './rows.ts';
import { type Key, list, only, type SurveyedTable, typesOf } from './table.ts';
import { readText, type TextRow } from './text.ts';

/** Keys that are compared at once: where none is missing that costs two index scans and two short answers. */
const RANGE = 20_000;
/** By their hashes they go into so many heaps, and only those that differ are looked into. */
const HEAPS = 256;

type Ordered = SurveyedTable & { key: Key };

/** The next range of the copy's keys, in order: its last key (null: there are no more), and those that the live table has not got. */
export type Range = { last: string[] | null; missing: string[][] };

/**
 * Compares the copy's next keys after `after` with the live table's in the same range. A key that only the live table has makes
 * its heap differ, too, which costs a look and nothing else.
 */
export async function compareRange(options: {
  live: ClientBase;
  copy: ClientBase;
  table: Ordered;
  after: string[] | null;
}): Promise<Range> {
  const { live, copy, table, after } = options;
  const then = await readText(copy, heapsOfCopy(table, after), after ?? []);
  const [first] = then;
  if (!first) return { last: null, missing: [] };
  const last = first.slice(2).map((value) => value ?? '');
  const now = new Map(await readHeaps(live, table, after, last));
  const differing = then.filter(([heap, sum]) => now.get(heap ?? '') !== sum).map(([heap]) => heap ?? '');
  if (differing.length === 0) return { last, missing: [] };
  const keys = await readKeys(copy, table, after, differing);
  return { last, missing: (await absent(live, table, keys)).map((at) => keys[at] ?? []) };
}

/** A heap a row: its number, how many keys it has and the sum of their hashes, and the last key of all. */
function heapsOfCopy(table: Ordered, after: string[] | null): string {
  const { columns } = table.key;
  const descending = columns.map((name) => `${quoteIdentifier(name)} desc`).join(', ');
  return `with piece as materialized (${nextKeys(table, after)}),
      last as (select * from piece order by ${descending} limit 1)
    select h.heap, h.sum, ${list(columns, 'last.')} from (${heaps('piece', 'piece', table.key)}) h cross join last`;
}

async function readHeaps(
  client: ClientBase,
  table: Ordered,
  after: string[] | null,
  last: string[],
): Promise<[string, string | null][]> {
  const from = after === null ? '' : `${compare(table, '>', 0)} and`;
  const to = compare(table, '<=', after === null ? 0 : table.key.columns.length);
  const rows = await readText(client, heaps(`${only(table)} t where ${from} ${to}`, 't', table.key), [
    ...(after ?? []),
    ...last,
  ]);
  return rows.map(([heap, sum]) => [heap ?? '', sum ?? null]);
}

/** The same for the same set of keys, in whatever order they come. */
function heaps(from: string, alias: string, key: Key): string {
  return `select (x.h & ${HEAPS - 1})::text as heap, count(*)::text || '/' || sum(x.h)::text as sum
    from (select ${hash(alias, key)} as h from ${from}) x group by x.h & ${HEAPS - 1}`;
}

async function readKeys(
  client: ClientBase,
  table: Ordered,
  after: string[] | null,
  differing: readonly string[],
): Promise<string[][]> {
  const values: TextRow = [...(after ?? []), `{${differing.join(',')}}`];
  const rows = await readText(
    client,
    `select * from (${nextKeys(table, after)}) p where ${hash('p', table.key)} & ${HEAPS - 1} = any ($${values.length}::bigint[])`,
    values,
  );
  return rows.map((row) => row.map((value) => value ?? ''));
}

/** Fewer of long rows, which may all be missing and are then read. */
function nextKeys(table: Ordered, after: string[] | null): string {
  const names = list(table.key.columns, 't.');
  const where = after === null ? '' : `where ${compare(table, '>', 0)}`;
  const size = Math.max(1, Math.min(RANGE, Math.floor(64_000_000 / Math.max(1, table.width))));
  return `select ${names} from ${only(table)} t ${where} order by ${names} limit ${size}`;
}

/** `(k1, k2) > ($1, $2)`, in the order of the types' own index. */
function compare(table: Ordered, operator: '>' | '<=', parameters: number): string {
  const { columns, order } = table.key;
  const values = typesOf(table, columns).map((type, at) => `$${parameters + at + 1}::${type}`);
  return `row(${list(columns, 't.')}) operator(${quoteIdentifier(order ?? 'pg_catalog')}.${operator}) row(${values.join(', ')})`;
}

/** Of the key's text. Two keys that come to one text, as 'a' and 'a' with blanks do, only share a heap. */
function hash(alias: string, { columns }: Key): string {
  const text = columns.map((name) => `${alias}.${quoteIdentifier(name)}::text`).join(` || '/' || `);
  return `hashtextextended((${text}) collate "C", 0)`;
}
