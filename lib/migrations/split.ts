/** A piece of a migration's text that ends after a `;` of the top level, or at the end of the text. */
export type Chunk = {
  text: string;
  /** Where it starts in the whole, in UTF-16 units. */
  start: number;
  /** Where in the whole its first word stands, after blanks and comments; null when there is nothing else in it. */
  first: number | null;
  /** Where in the whole a backslash stands outside of quotes: no SQL has one there, psql's commands begin with it. */
  backslash: number | null;
};

const SKIP = /[^'"$;()\\/\-A-Za-z_\u0080-\uffff]+/y;
const WORD = /[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*/y;
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y;
const CONTINUES = /'[ \t\f\v]*(?:--[^\n\r]*)?[\n\r](?:[ \t\n\r\f\v]|--[^\n\r]*[\n\r])*'/y;

/**
 * Cuts a text at the semicolons that end statements, by PostgreSQL's lexical rules
 * (https://www.postgresql.org/docs/15/sql-syntax-lexical.html, with standard_conforming_strings on).
 *
 * Only the cut is made here, so that a long file is parsed piece by piece in little memory; what the pieces are is for the
 * grammar to say. A body `BEGIN ATOMIC ... END` is cut too: the reader puts it together again.
 */
export function* split(sql: string): Generator<Chunk> {
  let start = textStart(sql);
  let at = start;
  let depth = 0;
  let first: number | null = null;
  let backslash: number | null = null;
  const match = (pattern: RegExp, from: number): string | null => {
    pattern.lastIndex = from;
    return pattern.exec(sql)?.[0] ?? null;
  };
  while (at < sql.length) {
    const skipped = match(SKIP, at);
    if (skipped !== null) {
      const blank = skipped.search(/\S/);
      if (blank >= 0) first ??= at + blank;
      at += skipped.length;
      continue;
    }
    const comment = sql.startsWith('--', at) || sql.startsWith('/*', at);
    if (!comment && sql[at] !== ';') first ??= at;
    const word = match(WORD, at);
    if (word !== null) {
      at += word.length;
      if ((word === 'e' || word === 'E') && sql[at] === "'") at = endOfEscapeString(sql, at, match);
      continue;
    }
    const character = sql[at];
    if (character === "'" || character === '"') at = endOfQuote(sql, at, character);
    else if (character === '$') at = endOfDollar(sql, at, match(DOLLAR, at));
    else if (character === '-' && sql[at + 1] === '-') at = endOfLine(sql, at);
    else if (character === '/' && sql[at + 1] === '*') at = endOfComment(sql, at);
    else {
      if (character === '(') depth += 1;
      else if (character === ')') depth = Math.max(0, depth - 1);
      else if (character === '\\') backslash ??= at;
      at += 1;
      if (character === ';' && depth === 0) {
        yield { text: sql.slice(start, at), start, first, backslash };
        start = at;
        first = null;
        backslash = null;
      }
    }
  }
  if (start < sql.length) yield { text: sql.slice(start), start, first, backslash };
}

/** Where the text begins: after a byte order mark, which editors write and the server does not take. */
export function textStart(sql: string): number {
  return sql.startsWith('\uFEFF') ? 1 : 0;
}

/** A doubled quote is two quotes back to back, which comes to the same here: where the second ends, the whole ends. */
function endOfQuote(sql: string, at: number, quote: string): number {
  const end = sql.indexOf(quote, at + 1);
  return end < 0 ? sql.length : end + 1;
}

function endOfEscapeString(sql: string, at: number, match: (pattern: RegExp, from: number) => string | null): number {
  for (let next = at + 1; next < sql.length; next += 1) {
    if (sql[next] === '\\') next += 1;
    else if (sql[next] === "'") {
      if (sql[next + 1] === "'") next += 1;
      else {
        // A string goes on after a line break, and keeps its kind.
        const more = match(CONTINUES, next);
        if (more === null) return next + 1;
        next += more.length - 1;
      }
    }
  }
  return sql.length;
}

function endOfDollar(sql: string, at: number, tag: string | null): number {
  if (tag === null) return at + 1;
  const end = sql.indexOf(tag, at + tag.length);
  return end < 0 ? sql.length : end + tag.length;
}

function endOfLine(sql: string, at: number): number {
  const length = sql.slice(at).search(/[\n\r]/);
  return length < 0 ? sql.length : at + length;
}

/** Comments nest. */
function endOfComment(sql: string, at: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = at;
  for (let depth = 0; ; ) {
    const found = edge.exec(sql);
    if (found === null) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
}
