import { readMode } from './mode.ts';
import { parse, type Statement } from './parse.ts';
import { NeedsNoTransactionError, refuse } from './refuse.ts';
import type { ReleaseFile } from './release.ts';

/** Words of every statement that PostgreSQL refuses in a transaction: most files have none and need not be parsed. */
const SUSPICIOUS = /\b(concurrently|vacuum|database|tablespace|reindex|cluster|system)\b/i;

/**
 * How a file runs: as its first comment says; and a file of one statement, which PostgreSQL refuses in a transaction, without
 * one. That is how postgrator runs such a file, so folders have them, and what is applied somewhere cannot be changed any
 * more. With a second statement beside it a person has to say what is meant.
 *
 * Who makes a release and who runs it both ask here: two answers would be a release that never runs.
 *
 * @throws DirectiveError
 */
export async function modeOf(file: string, sql: string): Promise<ReleaseFile['mode']> {
  const mode = readMode(file, sql);
  if (mode === 'statements' || !SUSPICIOUS.test(sql)) return mode;
  let only: Statement | null = null;
  for await (const parsed of parse(sql)) {
    if ('unreadable' in parsed || only !== null) return mode;
    only = parsed.statement;
  }
  return only !== null && needsNoTransaction(file, sql, only) ? 'statements' : mode;
}

function needsNoTransaction(file: string, sql: string, statement: Statement): boolean {
  try {
    refuse({ file, sql, mode: 'transaction' }, statement);
    return false;
  } catch (error) {
    return error instanceof NeedsNoTransactionError;
  }
}
