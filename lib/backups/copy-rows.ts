import { qualifiedName } from '../postgres/identifier.ts';

/** What a script of pg_restore holds. */
export type DecodedDump = {
  /** By {@link qualifiedName}: the rows between `COPY ... FROM stdin;` and `\.`. */
  rows: ReadonlyMap<string, number>;
  largeObjects: number;
  /** Whether it came to its end: nothing open, and pg_restore's last words said. */
  whole: boolean;
};

/** Counts while the script comes in, in whatever pieces. */
export type CopyRows = { write(piece: Buffer): void; end(): DecodedDump };

const [NEWLINE, DOLLAR, QUOTE, STAR, MINUS, DOT, SLASH, SEMICOLON, BACKSLASH] = [10, 36, 39, 42, 45, 46, 47, 59, 92];
const DOUBLE_QUOTE = 34;
const UPPER_E = 69;

type State =
  | 'text'
  | 'line'
  | 'block'
  | 'string'
  | 'escapes'
  | 'identifier'
  | 'tag'
  | 'dollars'
  | 'command'
  | 'before'
  | 'rows';

const OPEN_LARGE_OBJECT = "SELECT pg_catalog.lo_open('";
const TRAILER = 'PostgreSQL database dump complete';
/** A COPY statement names at most 1,600 columns of 63 bytes each, which quotes can double. */
const LONGEST_COPY = 512 * 1024;

/**
 * Counts the rows of each table in a script that pg_restore writes.
 *
 * It reads SQL as the server does as far as that decides where a statement ends: strings, with and without escapes, quoted
 * names, dollar quotes, comments, psql's own commands. So a function body, a comment or a large object that holds the text of a COPY is
 * not taken for one, and a name may hold anything. Inside COPY every line is a row, since the text format writes a line break in a value as
 * `\n` (https://www.postgresql.org/docs/15/sql-copy.html).
 */
export function countCopyRows(): CopyRows {
  const rows = new Map<string, number>();
  let largeObjects = 0;
  let trailer = false;
  let state: State = 'text';
  /** The statement so far, as far as it matters which it is. */
  let statement = '';
  let begun = false;
  let depth = 0;
  let tag = '';
  let matched = 0;
  /** The two bytes before, which tell E'...' and $tag$ from a quote or a dollar inside a name. */
  let [last, before] = [0, 0];
  let wasEscapes = false;
  let marked = false;
  let table = '';
  let count = 0;
  let [lineLength, first, second] = [0, 0, 0];
  let comment = '';

  const take = (byte: number) => {
    if (statement.length < OPEN_LARGE_OBJECT.length || statement.startsWith('COPY ')) {
      statement += String.fromCharCode(byte);
      if (statement.length > LONGEST_COPY) statement = '';
    }
  };

  const endStatement = () => {
    const target = copyTarget(Buffer.from(statement, 'latin1').toString('utf8'));
    if (statement.startsWith(OPEN_LARGE_OBJECT)) largeObjects += 1;
    if (target !== null) [table, count, state] = [target, 0, 'before'];
    [statement, begun] = ['', false];
  };

  /** One byte where SQL is read. */
  const read = (byte: number) => {
    const reopens = wasEscapes;
    wasEscapes = false;
    if (byte === QUOTE)
      state = reopens || ((last | 32) === (UPPER_E | 32) && !isNameByte(before)) ? 'escapes' : 'string';
    else if (byte === DOUBLE_QUOTE) state = 'identifier';
    else if (byte === DOLLAR && !isNameByte(last)) [state, tag] = ['tag', '$'];
    else if (byte === MINUS && last === MINUS) [state, comment] = ['line', ''];
    else if (byte === STAR && last === SLASH) [state, depth, marked] = ['block', 1, true];
    else if (byte === BACKSLASH && !begun) state = 'command';
    else if (byte === SEMICOLON) return endStatement();
    if (state === 'line' || state === 'block') {
      statement = statement.slice(0, -1);
      begun = statement !== '';
    } else if (state !== 'command' && (begun || byte > 32)) {
      begun = true;
      take(byte);
    }
  };

  /** Rows up to the end of the data or of the piece; where it stopped. */
  const readRows = (piece: Buffer, from: number): number => {
    for (let at = from; ; ) {
      const newline = piece.indexOf(NEWLINE, at);
      const stop = newline < 0 ? piece.length : newline;
      if (lineLength === 0 && stop > at) first = piece[at] ?? 0;
      if (lineLength < 2 && lineLength + stop - at >= 2) second = piece[at + 1 - lineLength] ?? 0;
      lineLength += stop - at;
      if (newline < 0) return stop;
      at = newline + 1;
      const isEnd = lineLength === 2 && first === BACKSLASH && second === DOT;
      lineLength = 0;
      if (!isEnd) {
        count += 1;
        continue;
      }
      rows.set(table, (rows.get(table) ?? 0) + count);
      [state, last, before] = ['text', NEWLINE, NEWLINE];
      return at;
    }
  };

  /** One byte of what is neither rows nor plain SQL. */
  const readInside = (byte: number) => {
    switch (state) {
      case 'line':
        if (byte !== NEWLINE) comment += comment.length < 60 ? String.fromCharCode(byte) : '';
        else {
          state = 'text';
          trailer ||= comment.trim() === TRAILER;
        }
        return;
      case 'command':
      case 'before':
        if (byte === NEWLINE) state = state === 'before' ? 'rows' : 'text';
        return;
      case 'block':
        if (byte === SLASH && last === STAR) [depth, marked] = [depth - 1, true];
        if (byte === STAR && last === SLASH) [depth, marked] = [depth + 1, true];
        if (depth === 0) state = 'text';
        return;
      case 'string':
        if (byte === QUOTE) state = 'text';
        break;
      case 'escapes':
        if (byte === QUOTE && last !== BACKSLASH) [state, wasEscapes] = ['text', true];
        break;
      case 'identifier':
        if (byte === DOUBLE_QUOTE) state = 'text';
        break;
      case 'tag':
        tag += String.fromCharCode(byte);
        if (byte === DOLLAR) [state, matched] = ['dollars', 0];
        else if (!isNameByte(byte) || (tag.length === 2 && byte >= 48 && byte <= 57)) {
          state = 'text';
          return read(byte);
        }
        break;
      case 'dollars':
        if (byte === tag.charCodeAt(matched)) matched += 1;
        else matched = byte === DOLLAR ? 1 : 0;
        if (matched === tag.length) state = 'text';
        break;
    }
    take(byte);
  };

  return {
    write(piece) {
      for (let at = 0; at < piece.length; ) {
        if (state === 'rows') {
          at = readRows(piece, at);
          continue;
        }
        const byte = piece[at] ?? 0;
        const escaped = state === 'escapes' && last === BACKSLASH;
        if (state === 'text') read(byte);
        else readInside(byte);
        before = last;
        // What is escaped escapes nothing itself, and no star or slash both ends one comment and begins another.
        last = escaped || marked ? 0 : byte;
        marked = false;
        at += 1;
        if (state === 'string' && piece.indexOf(QUOTE, at) !== at) at = skipString(piece, at);
      }
    },
    end: () => ({ rows, largeObjects, whole: trailer && state === 'text' && !begun }),
  };

  /** A large object is one string of megabytes: to its next quote at once, but for what tells which statement it is. */
  function skipString(piece: Buffer, at: number): number {
    if (statement.startsWith('COPY ') || statement.length < OPEN_LARGE_OBJECT.length) return at;
    const quote = piece.indexOf(QUOTE, at);
    return quote < 0 ? piece.length : quote;
  }
}

function isNameByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    byte === 95 ||
    byte === DOLLAR ||
    byte >= 128
  );
}

const NAME = String.raw`("(?:[^"]|"")+"|[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*)`;
const COPY = new RegExp(String.raw`^COPY ${NAME}\.${NAME}\s[\s\S]*?FROM stdin$`);

/** The table of a COPY FROM stdin; null for any other statement. */
function copyTarget(statement: string): string | null {
  const [, schema, table] = COPY.exec(statement) ?? [];
  return schema !== undefined && table !== undefined ? qualifiedName(unquote(schema), unquote(table)) : null;
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
