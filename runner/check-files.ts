import type { Client } from 'pg';
import { readOpenSteps } from '../lib/journal/journal.ts';
import { byHead, parse, type Statement, type Unreadable } from '../lib/migrations/parse.ts';
import { refuse, refuseUnreadable } from '../lib/migrations/refuse.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { findFirstStep, hashStatement, refuseUnfinished, type StatementText } from '../lib/migrations/resume.ts';
import { sqlState } from '../lib/postgres/sql-state.ts';

/** A pending file that may run. */
export type CheckedFile = {
  file: ReleaseFile;
  /** Where each of its statements starts in its text. */
  starts: number[];
  /** The first statement to run, from 1: those before it are done since an earlier run. */
  firstStep: number;
};

/**
 * Reads every pending file to its end before the first of them runs.
 *
 * @throws what {@link refuse}, {@link refuseUnreadable}, {@link refuseUnfinished} and {@link findFirstStep} throw
 */
export async function checkFiles(client: Client, pending: readonly ReleaseFile[]): Promise<CheckedFile[]> {
  const open = await readOpenSteps(client);
  refuseUnfinished(open, pending);
  const checked: CheckedFile[] = [];
  for (const file of pending) {
    const steps = open.filter((row) => row.version === file.version);
    const statements: StatementText[] = [];
    const starts: number[] = [];
    for await (const statement of readStatements(client, file)) {
      refuse(file, statement);
      starts.push(statement.start);
      if (steps.length > 0) statements.push({ start: statement.start, sha256: hashStatement(statement.sql) });
    }
    checked.push({ file, starts, firstStep: findFirstStep(file, statements, steps) });
  }
  return checked;
}

/** The statements of a file; what our grammar cannot read but the server can counts as one. */
export async function* readStatements(client: Client, file: ReleaseFile): AsyncGenerator<Statement> {
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
async function serverReads(client: Client, { problem, chunk }: Unreadable): Promise<boolean> {
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
