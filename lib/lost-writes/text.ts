import { type ClientBase, escapeLiteral } from 'pg';

/** A row as the server prints it: the text output of each column's type, which its input reads back as the same value. */
export type TextRow = (string | null)[];

/**
 * Under these settings two servers print the same text of the same value, and read it back as that value, whatever the
 * database, the role or the session say. With `row_security` off a table that would hide rows is an error instead. Scans
 * start at the first page and have one worker, so that rows come in the order in which they lie.
 */
const SETTINGS = `set local search_path = pg_catalog, pg_temp; set local row_security = off;
set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
set local bytea_output = 'hex'; set local extra_float_digits = 1; set local lc_monetary = 'C';
set local xmloption = 'content'; set local standard_conforming_strings = on; set local jit = off;
set local synchronize_seqscans = off; set local max_parallel_workers_per_gather = 0;
set local statement_timeout = '5min'`;

const AS_PRINTED = { getTypeParser: () => (text: string | null) => text };

/** The rows of one statement, nothing parsed: casts to text would lose the blanks of `character(n)`. */
export async function readText(client: ClientBase, text: string, values: TextRow = []): Promise<TextRow[]> {
  const { rows } = await client.query<TextRow>({ text, values, rowMode: 'array', types: AS_PRINTED });
  return rows;
}

/** One read-only snapshot, in which values are printed as everywhere. */
export function reading<T>(client: ClientBase, use: () => Promise<T>): Promise<T> {
  return inTransaction(client, 'begin isolation level repeatable read, read only', use);
}

/** One transaction that writes, in which values are read as they were printed. */
export function writing<T>(client: ClientBase, use: () => Promise<T>): Promise<T> {
  return inTransaction(client, 'begin isolation level read committed, read write', use);
}

async function inTransaction<T>(client: ClientBase, begin: string, use: () => Promise<T>): Promise<T> {
  try {
    await client.query(`${begin}; ${SETTINGS}`);
    const result = await use();
    await client.query('commit');
    return result;
  } catch (error) {
    // A broken connection has rolled back, and its error is the one to tell.
    if (client.getTransactionStatus() !== 'I') await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** A value as a person may paste it into psql. */
export function quoteLiteral(value: string | null): string {
  return value === null ? 'NULL' : escapeLiteral(value).trimStart();
}

/**
 * `(values (0, $1::t1, $2::t2), (1, $3::t1, ...)) as ALIAS (v0, v1, v2)`: numbered rows, each parameter read by its type's own
 * input. The columns have names of ours, which no column of the users' meets.
 */
export function numbered(alias: string, types: readonly string[], rows: number): string {
  const value = (type: string, at: number, index: number) => `$${at * types.length + index + 1}::${type}`;
  const all = Array.from(
    { length: rows },
    (_, at) => `(${[at, ...types.map((type, index) => value(type, at, index))].join(', ')})`,
  );
  return `(values ${all.join(', ')}) as ${alias} (${['v0', ...types.map((_, index) => `v${index + 1}`)].join(', ')})`;
}
