import { CarthubError } from '../errors.ts';
import { documentOf, type SchemaDocument, type SchemaPart } from './document.ts';
import { isObjectKind, KINDS, type ObjectKind, PART_KINDS } from './kinds/kind.ts';
import { FORMAT } from './print-document.ts';

/** A file does not hold a schema document in the form that `printDocument` writes. */
export class SchemaDocumentError extends CarthubError {
  override readonly name = 'SchemaDocumentError';
}

const OBJECT = new RegExp(`^(${KINDS.toSorted((a, b) => b.length - a.length).join('|')}) (.+)$`, 's');
const PART = new RegExp(`^(${PART_KINDS.join('|')}) ((?:"(?:[^"]|"")*"|[^\\s"])+)(?: (.*))?$`, 's');

type Growing = { kind: ObjectKind; name: string; lines: string[]; parts: (SchemaPart & { lines: string[] })[] };

/** A line with those that go on with it. */
type Line = { indent: number; content: string; number: number };

/**
 * Reads what `printDocument` wrote.
 *
 * @param file the name by which errors call the text
 * @throws SchemaDocumentError
 */
export function parseDocument(text: string, file: string): SchemaDocument {
  const objects: Growing[] = [];
  for (const line of wholeLines(text, file)) {
    const object = objects.at(-1);
    if (line.indent === 0) objects.push(readObject(line, file));
    else if (!object) throw problem(file, line.number, 'there is no object that it belongs to');
    else if (line.indent === 2) addToObject(object, line, file);
    else addToPart(object, line, file);
  }
  return documentOf(objects);
}

function readObject({ content, number }: Line, file: string): Growing {
  const [, kind = '', name = ''] = OBJECT.exec(content) ?? [];
  if (!isObjectKind(kind)) throw problem(file, number, 'it names no kind of object that there is');
  return { kind, name, lines: [], parts: [] };
}

function addToObject(object: Growing, { content, number }: Line, file: string): void {
  const [, word, name = '', first] = PART.exec(content) ?? [];
  const kind = PART_KINDS.find((known) => known === word);
  if (kind) object.parts.push({ kind, name, lines: first === undefined ? [] : [first] });
  else if (object.parts.length === 0) object.lines.push(content);
  else throw problem(file, number, 'a line of the object stands below its parts');
}

function addToPart(object: Growing, { content, number }: Line, file: string): void {
  const part = object.parts.at(-1);
  if (!part) throw problem(file, number, 'there is no part that it belongs to');
  part.lines.push(content);
}

function* wholeLines(text: string, file: string): Generator<Line> {
  const lines = linesOf(text);
  if (lines.next().value !== FORMAT) throw problem(file, 1, `it is not "${FORMAT}"`);
  let whole: Line | null = null;
  let number = 1;
  for (const line of lines) {
    number += 1;
    if (line === '' || line.startsWith('#')) continue;
    const indent = line.search(/[^ ]|$/);
    if (indent > 4 || indent % 2 === 1) throw problem(file, number, 'it is not two or four blanks in');
    if (line[indent] === '|') {
      if (!whole) throw problem(file, number, 'there is no line that it goes on with');
      whole.content += `\n${decode(line.slice(indent + 1), file, number)}`;
    } else {
      if (whole) yield whole;
      whole = { indent, content: decode(line.slice(indent), file, number), number };
    }
  }
  if (whole) yield whole;
}

/** One after the other: all lines of a large document at once take more memory than the document. */
function* linesOf(text: string): Generator<string> {
  for (let start = 0; start <= text.length; ) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? text.length : end);
    start = end < 0 ? text.length + 1 : end + 1;
  }
}

function decode(content: string, file: string, number: number): string {
  if (!content.startsWith('\\')) return content;
  try {
    const value: unknown = JSON.parse(content.slice(1));
    if (typeof value === 'string') return value;
    throw new TypeError(`It is a ${typeof value}.`);
  } catch (cause) {
    throw problem(file, number, 'what follows the backslash is no JSON string', cause);
  }
}

function problem(file: string, line: number, why: string, cause?: unknown): SchemaDocumentError {
  return new SchemaDocumentError(`${file} is no schema document: line ${line}: ${why}.`, {
    remedy: 'Make it anew: carthub-db schema --migrations DIR',
    cause,
    place: { file, line, column: null, caret: null },
  });
}
