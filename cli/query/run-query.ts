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
 * @throws QueryError with what the server says and where; also when a transaction is left open, of which nothing is kept then
 */
export async function runQuery(client: Client, sql: string): Promise<{ answer: Answer; types: number[] }[]> {
  const answers = await ask(client, sql);
  await refuseOpenTransaction(client);
  return answers;
}

/** BEGIN without COMMIT: the session ends with this command, and with it all that the transaction did. */
async function refuseOpenTransaction(client: Client): Promise<void> {
  // ROLLBACK of nothing warns: so it tells whether there was a transaction.
  let warned = false;
  const note = ({ code }: { code?: string | undefined }) => {
    warned ||= code === NO_ACTIVE_TRANSACTION;
  };
  client.on('notice', note);
  await client.query('rollback');
  client.off('notice', note);
  if (warned) return;
  throw new QueryError('The SQL began a transaction and did not end it: nothing of that transaction was kept.', {
    remedy: 'Write COMMIT at its end, or leave BEGIN out: all the statements are one transaction anyway.',
  });
}

const NO_ACTIVE_TRANSACTION = '25P01';

async function ask(client: Client, sql: string): Promise<{ answer: Answer; types: number[] }[]> {
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

/** The answer's rows as JSON has them, by column name; a second column of the same name becomes `name_2`. */
export function jsonRows({ answer, types }: { answer: Answer; types: number[] }): Record<string, unknown>[] {
  const names = distinct(answer.columns.map(({ name }) => name));
  return answer.rows.map((row) =>
    Object.fromEntries(names.map((name, at) => [name, jsonValue(row[at] ?? null, types[at] ?? 0)])),
  );
}

function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name, at) => {
    let free = name;
    // Nor may the new name be that of a column which is there.
    for (let number = 2; taken.has(free) || (free !== name && names.includes(free)); number += 1) {
      free = `${name}_${number}`;
    }
    taken.add(free);
    return names.indexOf(name) === at ? name : free;
  });
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
