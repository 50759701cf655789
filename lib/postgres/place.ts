import type { Place } from '../errors.ts';
import { redactInPlace } from './redact.ts';

const SHOWN = 120;

/**
 * The place of `offset` (in UTF-16 units, as JavaScript counts) in a file's text. Lines end at LF, CRLF or CR; columns count
 * characters, so that an emoji is one. A long line is shown around the place only.
 */
export function placeAt(file: string, text: string, offset: number): Place {
  const at = Math.max(0, Math.min(offset, text.length));
  const start = lineStart(text, at);
  const line = text.slice(0, start).split(/\r\n|\n|\r/).length;
  const end = start + text.slice(start).search(/[\r\n]|$/);
  const column = [...text.slice(start, Math.min(at, end))].length + 1;
  // The whole text, not the line: PASSWORD may stand on the line before, or left of what is shown.
  const shown = redactInPlace(text);
  const before = [...shown.slice(start, Math.min(at, end))];
  return { file, line, column, caret: caret(before, [...shown.slice(Math.min(at, end), end)]) };
}

/** A file, when nothing tells where in it. */
export function placeOf(file: string): Place {
  return { file, line: null, column: null, caret: null };
}

/** UTF-16 units of the first `count` characters: the server counts characters (code points), JavaScript does not. */
export function unitsOfCharacters(text: string, count: number): number {
  let units = 0;
  for (let left = count; left > 0 && units < text.length; left -= 1) {
    units += (text.codePointAt(units) ?? 0) > 0xffff ? 2 : 1;
  }
  return units;
}

/** UTF-16 units of the first `count` bytes in UTF-8: what PostgreSQL's grammar counts. */
export function unitsOfBytes(text: string, count: number): number {
  return Buffer.from(text, 'utf8').subarray(0, count).toString('utf8').length;
}

function lineStart(text: string, at: number): number {
  for (let start = at; start > 0; start -= 1) {
    const previous = text[start - 1];
    if (previous === '\n') return start;
    // Between CR and LF is the end of that line, not the start of another.
    if (previous === '\r' && text[start] !== '\n') return start;
  }
  // A byte order mark is nothing that an editor shows.
  return text.startsWith('\uFEFF') ? 1 : 0;
}

/** The line with a caret below the place; tabs stay tabs below it, so that the two line up however wide they are. */
function caret(before: string[], after: string[]): string {
  const cut = before.length > SHOWN / 2;
  const left = cut ? before.slice(-SHOWN / 2) : before;
  const right = after.slice(0, SHOWN - left.length);
  const shown = `${cut ? '...' : ''}${left.join('')}${right.join('')}${right.length < after.length ? '...' : ''}`;
  const padding = left.map((character) => (character === '\t' ? '\t' : ' ')).join('');
  return `${shown}\n${cut ? '   ' : ''}${padding}^`;
}
