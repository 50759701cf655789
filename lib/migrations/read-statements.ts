import type { ClientBase } from 'pg';
import { sqlState } from '../postgres/sql-state.ts';
import { byHead, parse, type Statement, type Unreadable } from './parse.ts';
import { refuseUnreadable } from './refuse.ts';
import type { ReleaseFile } from './release.ts';

/**
 * The statements of a file; what our grammar cannot read but the server can counts as one.
 *
 * @throws PsqlCommandError, MigrationSyntaxError
 */
export async function* readStatements(
  client: ClientBase,
  file: Pick<ReleaseFile, 'file' | 'sql' | 'mode'>,
): AsyncGenerator<Statement> {
  for await (const part of parse(file.sql)) {
    if ('statement' in part) yield part.statement;
    else if (await serverReads(client, part.unreadable)) yield byHead(part.unreadable.chunk);
    else refuseUnreadable(file, part.unreadable);
  }
}

/**
 * Lets the server's own grammar (15) judge what ours (18) rejects, without running it: a transaction that has failed
 * executes nothing, but every text is still parsed as a whole first. The leading SELECT is what it then refuses.
 */
async function serverReads(client: ClientBase, { problem, chunk }: Unreadable): Promise<boolean> {
  if (problem !== 'syntax') return false;
  await client.query('begin');
  try {
    await client.query('select 1/0').catch(() => undefined);
    await client.query(`select; ${chunk.text}`);
    return false;
  } catch (error) {
    return sqlState(error) === IN_FAILED_TRANSACTION;
  } finally {
    await client.query('rollback');
  }
}

const IN_FAILED_TRANSACTION = '25P02';
