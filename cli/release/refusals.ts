import type { Client } from 'pg';
import { CarthubError, type Fault, toFault } from '../../lib/errors.ts';
import { readStatements } from '../../lib/migrations/read-statements.ts';
import { refuse } from '../../lib/migrations/refuse.ts';
import { textStart } from '../../lib/migrations/split.ts';
import { toSqlError } from '../../lib/postgres/sql-error.ts';
import { sqlState } from '../../lib/postgres/sql-state.ts';
import type { Applicable } from './apply.ts';

/**
 * What no server of this version would run, by its text alone: what the runner refuses files for, and mistakes in their SQL.
 * Nothing of a file is run for it, so that a file which needs what this database has not got is judged too.
 *
 * @returns the first reason of each such file, by its name
 */
export async function refusalsOf(client: Client, files: readonly Applicable[]): Promise<Map<string, Fault>> {
  const refusals = new Map<string, Fault>();
  for (const file of files) {
    try {
      for await (const statement of readStatements(client, file)) refuse(file, statement);
    } catch (error) {
      if (!(error instanceof CarthubError)) throw error;
      refusals.set(file.file, toFault(error));
    }
  }
  await client.query('begin');
  try {
    await client.query('select 1/0').catch(() => undefined);
    for (const file of files) {
      const fault = refusals.has(file.file) ? null : await syntaxFault(client, file);
      if (fault !== null) refusals.set(file.file, fault);
    }
  } finally {
    await client.query('rollback');
  }
  return refusals;
}

/** Our grammar is younger than the server's; a transaction that has failed runs nothing, and parses every text as a whole first. */
async function syntaxFault(client: Client, { file, sql }: Applicable): Promise<Fault | null> {
  const start = textStart(sql);
  try {
    await client.query(`${FIRST}${sql.slice(start)}`);
    return null;
  } catch (error) {
    if (sqlState(error) !== SYNTAX_ERROR) return null;
    return toFault(toSqlError(error, { file, text: sql, start, before: FIRST.length }));
  }
}

/** What the failed transaction then refuses: a text of nothing but comments is no mistake. */
const FIRST = 'select; ';
const SYNTAX_ERROR = '42601';
