import type { Node } from 'libpg-query';
import { unitsOfBytes, unitsOfCharacters } from '../postgres/place.ts';
import { grammar } from './grammar.ts';
import { type Chunk, split } from './split.ts';

/** A statement of a migration. */
export type Statement = {
  /** Its text, without the semicolon. */
  sql: string;
  /** Where its text starts in the file's, in UTF-16 units. */
  start: number;
  /** Its first word, in capitals. */
  head: string;
  /** Its parse tree; null where it was not parsed, and only its head is known. */
  tree: Node | null;
};

/** What stands where a statement should. `at` is a place in the file's text, in UTF-16 units. */
export type Unreadable = { problem: 'syntax' | 'psql'; message: string; at: number; chunk: Chunk };

export type Parsed = { statement: Statement } | { unreadable: Unreadable };

/** A longer statement is not parsed, only its head is read: its tree would need hundreds of megabytes. */
const LONGEST_PARSED = 1_000_000;

/**
 * The statements of a migration, by PostgreSQL's own grammar (that of version 18, in libpg-query).
 *
 * A piece that this grammar rejects comes as `unreadable`, and the next piece after it: the grammar is three versions younger
 * than the server, and reserves a few words more (`system_user`, `json_value`), so the server has the last word.
 */
export async function* parse(sql: string): AsyncGenerator<Parsed> {
  const { parseSync, hasSqlDetails } = await grammar();
  let pending: Chunk | null = null;
  for (const next of split(sql)) {
    const chunk: Chunk = pending ? join(pending, next) : next;
    pending = null;
    if (chunk.first === null) continue;
    if (chunk.backslash !== null) {
      yield { unreadable: { problem: 'psql', message: 'psql command', at: chunk.backslash, chunk } };
      continue;
    }
    if (chunk.text.length > LONGEST_PARSED) {
      yield { statement: byHead(chunk) };
      continue;
    }
    try {
      for (const { stmt, stmt_location, stmt_len } of parseSync(chunk.text).stmts ?? []) {
        if (stmt) yield { statement: parsed(chunk, stmt, stmt_location ?? 0, stmt_len ?? null) };
      }
    } catch (error) {
      if (!hasSqlDetails(error)) throw error;
      // The grammar counts statements in bytes, and errors in characters.
      const inner = unitsOfCharacters(chunk.text, error.sqlDetails?.cursorPosition ?? 0);
      // The body of BEGIN ATOMIC ... END goes on after its inner semicolons.
      if (/at end of input/.test(error.message) && chunk.start + chunk.text.length < sql.length) pending = chunk;
      else yield { unreadable: { problem: 'syntax', message: error.message, at: chunk.start + inner, chunk } };
    }
  }
}

/** A piece as a statement of which only the first word is looked at. */
export function byHead(chunk: Chunk): Statement {
  const start = chunk.first ?? chunk.start;
  return statement(chunk.text.slice(start - chunk.start), start, null);
}

function parsed(chunk: Chunk, tree: Node, byteStart: number, byteLength: number | null): Statement {
  const from = unitsOfBytes(chunk.text, byteStart);
  const to = byteLength === null ? chunk.text.length : unitsOfBytes(chunk.text, byteStart + byteLength);
  const start = Math.max(chunk.start + from, chunk.first ?? 0);
  return statement(chunk.text.slice(start - chunk.start, to), start, tree);
}

function statement(text: string, start: number, tree: Node | null): Statement {
  const head = /^[(\s]*([A-Za-z]+)/.exec(text)?.[1] ?? '';
  return { sql: text.replace(/;$/, ''), start, head: head.toUpperCase(), tree };
}

function join(first: Chunk, second: Chunk): Chunk {
  return { ...first, text: first.text + second.text, backslash: first.backslash ?? second.backslash };
}
