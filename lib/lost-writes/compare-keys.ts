import type { ClientBase } from 'pg';
import { quoteIdentifier } from '../postgres/identifier.ts';
import { absent } from './rows.ts';
import { batchSize, type Key, list, only, type SurveyedTable, typesOf } from './table.ts';
import { readText } from './text.ts';

/** Keys that are compared by one hash: a range in which none is missing costs two index scans and one answer. */
export const RANGE = 20_000;

type Ordered = SurveyedTable & { key: Key };

/** The next piece of the copy's keys, in order. */
export type Piece = {
  /** Its last key; null when there are no more. */
  last: string[] | null;
  /** How many keys it has. */
  count: number;
  /** Keys that the live table has not got; null: some, but the piece is too long to say which. */
  missing: string[][] | null;
};

/**
 * Compares the copy's next keys after `after` with the live table's in the same range: by hash first, and where that differs, a
 * small piece by key. Keys that only the live table has make a hash differ, too; that costs time and nothing else.
 *
 * @param small whether to take a piece so small that its missing keys can be told
 */
export async function comparePiece(options: {
  live: ClientBase;
  copy: ClientBase;
  table: Ordered;
  after: string[] | null;
  small: boolean;
}): Promise<Piece> {
  const { live, copy, table, after, small } = options;
  const size = small ? batchSize(table, table.key.columns.length) : RANGE;
  const then = await hashCopy(copy, table, after, size);
  const { last, count } = then;
  if (last === null) return { last, count, missing: [] };
  const now = await hashLive(live, table, after, last);
  if (now.count === count && now.hash === then.hash) return { last, count, missing: [] };
  if (!small && count > batchSize(table, table.key.columns.length)) return { last, count, missing: null };
  const keys = await readKeys(copy, table, after, size);
  return { last, count, missing: (await absent(live, table, keys)).map((at) => keys[at] ?? []) };
}

type Hash = { count: number; hash: string };

async function hashCopy(
  client: ClientBase,
  table: Ordered,
  after: string[] | null,
  size: number,
): Promise<Hash & { last: string[] | null }> {
  const { key } = table;
  const descending = key.columns.map((name) => `${quoteIdentifier(name)} desc`).join(', ');
  const [[count, hash, ...last] = []] = await readText(
    client,
    `with piece as materialized (${nextKeys(table, after, size)}),
       last as (select * from piece order by ${descending} limit 1)
     select s.count, s.hash, ${list(key.columns, 'last.')}
     from (select count(*)::text as count, ${sumOf('piece', key)} as hash from piece) s left join last on true`,
    after ?? [],
  );
  const ended = count === '0' || count === undefined;
  return { count: Number(count), hash: hash ?? '', last: ended ? null : last.map((value) => value ?? '') };
}

async function hashLive(client: ClientBase, table: Ordered, after: string[] | null, last: string[]): Promise<Hash> {
  const { key } = table;
  const from = after === null ? '' : `${compare(table, '>', 0)} and`;
  const to = compare(table, '<=', after === null ? 0 : key.columns.length);
  const [[count, hash] = []] = await readText(
    client,
    `select count(*)::text, ${sumOf('t', key)} from ${only(table)} t where ${from} ${to}`,
    [...(after ?? []), ...last],
  );
  return { count: Number(count), hash: hash ?? '' };
}

async function readKeys(client: ClientBase, table: Ordered, after: string[] | null, size: number): Promise<string[][]> {
  const rows = await readText(client, nextKeys(table, after, size), after ?? []);
  return rows.map((row) => row.map((value) => value ?? ''));
}

function nextKeys(table: Ordered, after: string[] | null, size: number): string {
  const names = list(table.key.columns, 't.');
  const where = after === null ? '' : `where ${compare(table, '>', 0)}`;
  return `select ${names} from ${only(table)} t ${where} order by ${names} limit ${size}`;
}

/** `(k1, k2) > ($1, $2)`, in the order of the types' own index. */
function compare(table: Ordered, operator: '>' | '<=', parameters: number): string {
  const { columns, order } = table.key;
  const values = typesOf(table, columns).map((type, at) => `$${parameters + at + 1}::${type}`);
  return `row(${list(columns, 't.')}) operator(${quoteIdentifier(order ?? 'pg_catalog')}.${operator}) row(${values.join(', ')})`;
}

/** The same for the same set of keys, in whatever order they come. */
function sumOf(alias: string, { columns }: Key): string {
  return `coalesce(sum(hashtextextended(row(${list(columns, `${alias}.`)})::text, 0)), 0)::text`;
}
