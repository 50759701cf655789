import { type Client, DatabaseError, type QueryArrayResult } from 'pg';
import { toSqlError } from '../../lib/postgres/sql-error.ts';
import { QueryError } from '../errors.ts';
import type { Answer } from './table.ts';

/** Types that JSON has too: boolean, int2, int4, oid, float4, float8, json, jsonb. All else stays as the server wrote it. */
const JSON_TYPES = new Set([16, 21, 23, 26, 700, 701, 114, 3802]);
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);

const asWritten = { getTypeParser: () => (value: string) => value };

/**
 * Runs one or more statements, in one transaction unless they say otherwise, as a simple query does.
 *
 * @throws QueryError with what the server says and where
 */
export async function runQuery(client: Client, sql: string): Promise<{ answer: Answer; types: number[] }[]> {
  let results: QueryArrayResult<(string | null)[]> | QueryArrayResult<(string | null)[]>[];
  try {
    results = await client.query<(string | null)[]>({ text: sql, rowMode: 'array', types: asWritten });
  } catch (cause) {
    if (!(cause instanceof DatabaseError)) throw cause;
    throw refused(cause, sql);
  }
  return [results].flat().map(({ command, rowCount, fields, rows }) => ({
    answer: {
      command: command ?? '',
      rowCount,
      columns: fields.map(({ name, dataTypeID }) => ({ name, isNumber: NUMBERS.has(dataTypeID) })),
      rows,
    },
    types: fields.map(({ dataTypeID }) => dataTypeID),
  }));
}

/** The answer's rows as JSON has them, by column name. */
export function jsonRows({ answer, types }: { answer: Answer; types: number[] }): Record<string, unknown>[] {
  return answer.rows.map((row) =>
    Object.fromEntries(answer.columns.map(({ name }, at) => [name, jsonValue(row[at] ?? null, types[at] ?? 0)])),
  );
}

function jsonValue(text: string | null, type: number): unknown {
  if (text === null || !JSON_TYPES.has(type)) return text;
  if (type === 16) return text === 't';
  // PostgreSQL's floats know NaN and Infinity, JSON does not.
  return /^-?(NaN|Infinity)$/.test(text) ? text : JSON.parse(text);
}

function refused(error: DatabaseError, sql: string): QueryError {
  const { message, place } = toSqlError(error, { file: 'SQL', text: sql, start: 0 });
  return new QueryError(message, { remedy: 'Correct the SQL.', place, cause: error });
}
