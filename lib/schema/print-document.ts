import type { SchemaDocument, SchemaPart } from './document.ts';

/** The first line of every document. */
export const FORMAT = '# carthub-db schema, format 1';

/**
 * A schema as text: a block for each object, a line for each of its parts, in a stable order, so that `git diff` of two texts says what
 * happened between them. `parseDocument` reads it back.
 *
 * ```
 * table public.carts
 *   owner <migrator>
 *   column id integer not null default nextval('public.carts_id_seq'::regclass)
 *     comment Never shown to customers.
 *   constraint carts_pkey PRIMARY KEY (id)
 * ```
 *
 * Lines of an object are two blanks in, further lines of a part four. A line that begins with `|` goes on with the one before it; a line
 * that begins with a backslash is a JSON string, for what an editor or git would change: carriage returns and their like.
 *
 * @param heading comments for the top of the file
 */
export function printDocument(document: SchemaDocument, heading: readonly string[] = []): string {
  const blocks = [...document.values()].map((object) =>
    [
      encode(`${object.kind} ${object.name}`),
      ...object.lines.flatMap((line) => print('  ', line)),
      ...object.parts.flatMap(printPart),
    ].join('\n'),
  );
  const top = [FORMAT, ...heading.map((line) => `# ${line}`)].join('\n');
  return `${[top, ...blocks].join('\n\n')}\n`;
}

function printPart({ kind, name, lines }: SchemaPart): string[] {
  const [first = '', ...others] = lines;
  const [start = '', ...continued] = first.split('\n');
  return [
    `  ${encode(`${kind} ${name}${start === '' ? '' : ` ${start}`}`)}`,
    ...continued.map((piece) => `    |${encode(piece)}`),
    ...others.flatMap((line) => print('    ', line)),
  ];
}

function print(indent: string, line: string): string[] {
  const [start = '', ...continued] = line.split('\n');
  return [`${indent}${encode(start)}`, ...continued.map((piece) => `${indent}|${encode(piece)}`)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it is for
const NEEDS_ESCAPE = /[\x00-\x08\x0a-\x1f\x7f\u2028\u2029]|^\\/;

function encode(piece: string): string {
  return NEEDS_ESCAPE.test(piece) ? `\\${JSON.stringify(piece)}` : piece;
}
