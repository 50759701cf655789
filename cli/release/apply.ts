import type { Client } from 'pg';
import type { Statement } from '../../lib/migrations/parse.ts';
import { readStatements } from '../../lib/migrations/read-statements.ts';
import { refuse } from '../../lib/migrations/refuse.ts';
import type { ReleaseFile } from '../../lib/migrations/release.ts';
import { textStart } from '../../lib/migrations/split.ts';
import { brokenBecause } from '../../lib/postgres/connect.ts';
import { DISCARD_BUT_LOCKS } from '../../lib/postgres/discard.ts';
import { type Progress, runText } from '../../lib/postgres/simple-query.ts';
import { toSqlError } from '../../lib/postgres/sql-error.ts';

/** What can be applied: a migration, its undo, a prelude. */
export type Applicable = Pick<ReleaseFile, 'file' | 'sql' | 'mode'>;

/**
 * Applies a file as the runner does, without its journal: refused for the same reasons, whole in one transaction or
 * statement by statement. The session is afterwards as it was before, also when the file fails.
 *
 * @throws SqlError and what the runner refuses files with, each with its place in the file
 */
export async function apply(client: Client, file: Applicable): Promise<void> {
  const statements = await statementsOf(client, file);
  try {
    if (file.mode === 'statements') for (const statement of statements) await runStatement(client, file, statement);
    else await runFile(client, file, statements);
  } finally {
    // What a file set in the session must not reach into the next one.
    if (brokenBecause(client) === null) await runText(client, DISCARD_BUT_LOCKS);
  }
}

async function statementsOf(client: Client, file: Applicable): Promise<Statement[]> {
  const statements: Statement[] = [];
  for await (const statement of readStatements(client, file)) statements.push(statement);
  for (const statement of statements) refuse(file, statement);
  return statements;
}

async function runFile(client: Client, { file, sql }: Applicable, statements: Statement[]): Promise<void> {
  const progress: Progress = { completed: 0 };
  const start = textStart(sql);
  await client.query('begin isolation level read committed read write');
  try {
    await runText(client, sql.slice(start), progress);
    await client.query('commit');
  } catch (error) {
    // A connection that the file itself has ended rolls back by itself.
    // What a file set in the session must not reach into the next one.
    if (brokenBecause(client) === null) await client.query('rollback');
    throw toSqlError(error, { file, text: sql, start }, statements[progress.completed]?.start ?? null);
  }
}

async function runStatement(client: Client, { file, sql: text }: Applicable, { sql, start }: Statement): Promise<void> {
  try {
    await runText(client, sql);
  } catch (error) {
    throw toSqlError(error, { file, text, start }, start);
  }
}
