import type { ClientBase } from 'pg';
import { quoteIdentifier } from '../postgres/identifier.ts';
import { batchSize, type Key, only, type SurveyedTable, typesOf } from './table.ts';
import { numbered, quoteLiteral, readText, type TextRow } from './text.ts';

/** A row of the live table. */
export type LiveRow = {
  /** Who wrote it: the whole id of the transaction. */
  xid: string;
  /** Whether a column is filled that only the live table has. */
  filled: boolean;
  /** In the survey's order. */
  values: TextRow;
};

/**
 * What makes 32-bit transaction ids whole within one snapshot: the next id at its time. A row's id is that less its age, and so a
 * row that was frozen before the ids came round once may seem young; its content then tells.
 */
export type Clock = { next: string };

export function columnNames(table: SurveyedTable): string[] {
  return table.columns.map(({ name }) => name);
}

/** A row's whole id as SQL, `t` being the table. */
export function wholeXid({ next }: Clock): string {
  return `(${next}::bigint - age(t.xmin))::text`;
}

/** The rows with these keys, by the keys' places. The key's own equality decides: 1.0 is 1.00. */
export async function readRows(
  client: ClientBase,
  table: SurveyedTable & { key: Key },
  keys: readonly (readonly string[])[],
): Promise<Map<number, TextRow>> {
  return new Map(await matching(client, table, keys, columnNames(table).map(quoted)));
}

/** The same of the live table, with who wrote them. */
export async function readLiveRows(
  client: ClientBase,
  table: SurveyedTable & { key: Key },
  keys: readonly (readonly string[])[],
  clock: Clock,
): Promise<Map<number, LiveRow>> {
  const rows = await matching(client, table, keys, liveColumns(table, clock));
  return new Map(rows.map(([at, row]) => [at, liveRow(row)]));
}

/** What {@link liveRow} makes a row of. */
export function liveColumns(table: SurveyedTable, clock: Clock): string[] {
  const filled = (table.added ?? []).map(({ name, empty }) =>
    empty === null ? `${quoted(name)} is not null` : `${quoted(name)}::text is distinct from ${quoteLiteral(empty)}`,
  );
  return [wholeXid(clock), filled.length > 0 ? `(${filled.join(' or ')})` : 'false', ...columnNames(table).map(quoted)];
}

export function liveRow([xid, filled, ...values]: TextRow): LiveRow {
  return { xid: xid ?? '', filled: filled === 't', values };
}

/** The places of the keys that the table has not got. */
export async function absent(
  client: ClientBase,
  table: SurveyedTable & { key: Key },
  keys: readonly (readonly string[])[],
): Promise<number[]> {
  const there = new Set((await matching(client, table, keys, [])).map(([at]) => at));
  return [...keys.keys()].filter((at) => !there.has(at));
}

async function matching(
  client: ClientBase,
  table: SurveyedTable & { key: Key },
  keys: readonly (readonly string[])[],
  select: readonly string[],
): Promise<[number, TextRow][]> {
  const { key } = table;
  const size = batchSize(table, key.columns.length);
  const found: [number, TextRow][] = [];
  for (let from = 0; from < keys.length; from += size) {
    const some = keys.slice(from, from + size);
    const rows = await readText(
      client,
      `select ${['k.v0', ...select].join(', ')} from ${numbered('k', typesOf(table, key.columns), some.length)}
       join ${only(table)} t on ${onKey(key)}`,
      some.flat(),
    );
    found.push(...rows.map(([at, ...row]): [number, TextRow] => [from + Number(at), row]));
  }
  return found;
}

/** `t` has the key that {@link numbered} numbers as `k`. */
export function onKey(key: Key): string {
  return key.columns.map((name, at) => `t.${quoteIdentifier(name)} ${key.equals[at]} k.v${at + 1}`).join(' and ');
}

function quoted(name: string): string {
  return `t.${quoteIdentifier(name)}`;
}

/** The key's values out of a row. */
export function keyOf(table: SurveyedTable, row: TextRow): string[] {
  const names = columnNames(table);
  return (table.key?.columns ?? []).map((name) => row[names.indexOf(name)] ?? '');
}

/** Whether its rows can be told from each other. */
export function hasKey(table: SurveyedTable): table is SurveyedTable & { key: Key } {
  return table.key !== null;
}
