import type { SchemaDocument, SchemaObject, SchemaPart } from './document.ts';
import type { ObjectKind, PartKind } from './kinds/kind.ts';

/** A foreign key, as the page tells of it from both of its ends. */
type Relation = { from: string; columns: string; to: string; toColumns: string; more: string };

/**
 * The page `docs/schema.md`: every table with its columns, comments, keys and relations, then what else there is, made from a schema document
 * alone. The same document gives the same page.
 */
export function renderPage(document: SchemaDocument): string {
  const objects = [...document.values()];
  const tables = objects.filter(({ kind }) => kind === 'table' || kind === 'foreign table');
  const relations = tables.flatMap(relationsOf);
  const others = OTHERS.flatMap(([kind, title]) => {
    const found = objects.filter((object) => object.kind === kind && !isOwned(object));
    return found.length > 0 ? [`## ${title}`, ...found.map(renderOther)] : [];
  });
  return `${[
    '# Schema',
    'Made by `carthub-db schema`, which applies the migrations to an empty PostgreSQL. Do not edit.',
    ...renderDiagram(relations),
    '## Tables',
    ...tables.map((table) => renderTable(table, relations)),
    ...others,
  ].join('\n\n')}\n`;
}

const OTHERS: readonly [ObjectKind, string][] = [
  ['view', 'Views'],
  ['materialized view', 'Materialised views'],
  ['type', 'Types'],
  ['domain', 'Domains'],
  ['function', 'Functions'],
  ['procedure', 'Procedures'],
  ['aggregate', 'Aggregates'],
  ['sequence', 'Sequences'],
  ['extension', 'Extensions'],
];

/** Sequences behind columns are told by those. */
function isOwned({ lines }: SchemaObject): boolean {
  return lines.some((line) => /^(owned by|identity of) /.test(line));
}

function renderDiagram(relations: readonly Relation[]): string[] {
  if (relations.length === 0) return [];
  const lines = relations.map(({ from, to, columns }) => `  ${entity(to)} ||--o{ ${entity(from)} : ${entity(columns)}`);
  return [fenced('mermaid', ['erDiagram', ...lines].join('\n'))];
}

function entity(name: string): string {
  return `"${shortName(name).replaceAll('"', '')}"`;
}

function renderTable(table: SchemaObject, relations: readonly Relation[]): string {
  const to = relations.filter(({ from }) => from === table.name);
  const from = relations.filter((relation) => relation.to === table.name);
  return [
    `### ${code(shortName(table.name))}`,
    ...commentOf(table.lines).map(prose),
    ...facts(table),
    renderColumns(partsOf(table, 'column')),
    list(
      'Keys and checks',
      partsOf(table, 'constraint'),
      ({ name, lines }) => `${code(name)}: ${code(lines[0] ?? '')}${remark(lines)}`,
    ),
    list(
      'Indexes',
      partsOf(table, 'index'),
      ({ name, lines }) => `${code(name)}: ${code(lines[0] ?? '')}${remark(lines)}`,
    ),
    list(
      'Triggers',
      partsOf(table, 'trigger'),
      ({ name, lines }) => `${code(name)}: ${code(lines[0] ?? '')}${remark(lines)}`,
    ),
    list('Policies', partsOf(table, 'policy'), ({ name, lines }) => `${code(name)}: ${lines.map(code).join(', ')}`),
    list(
      'Points to',
      to,
      ({ columns, to, toColumns, more }) => `${code(columns)} → ${link(to)} ${code(toColumns)}${more}`,
    ),
    list(
      'Pointed to by',
      from,
      ({ from, columns, toColumns, more }) => `${link(from)} ${code(columns)} → ${code(toColumns)}${more}`,
    ),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What is special about a table: partitions, row security and so on, but not who owns it. */
function facts({ lines }: SchemaObject): string[] {
  const special = lines.filter((line) => !/^(owner|comment|grant|revoke) /.test(line));
  return special.length > 0 ? [special.map(code).join(', ')] : [];
}

/** `integer collate x not null default 1 ...`: type, whether it can be null, and the rest. */
const COLUMN =
  /^(.+?)(?: collate \S+)?( not null)?(?: ((?:default|generated|inherited|storage|compression|statistics)\b.*))?$/s;

function renderColumns(columns: readonly SchemaPart[]): string {
  const rows = columns.map(({ name, lines }) => {
    const [, type = '', required, more = ''] = COLUMN.exec(lines[0] ?? '') ?? [];
    const rest = more.replace(/^default /, '');
    return [
      code(name),
      code(type),
      required ? '' : 'yes',
      rest === '' ? '' : code(rest),
      commentOf(lines).map(prose).join(''),
    ];
  });
  if (rows.length === 0) return '';
  const cells = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    cells(['column', 'type', 'null', 'default', 'comment']),
    cells(['---', '---', '---', '---', '---']),
    ...rows.map(cells),
  ].join('\n');
}

const FOREIGN_KEY = /^FOREIGN KEY \((.+?)\) REFERENCES (.+?)\((.+?)\)(.*)$/;

function relationsOf(table: SchemaObject): Relation[] {
  return partsOf(table, 'constraint').flatMap(({ lines }) => {
    const [, columns, to, toColumns, more = ''] = FOREIGN_KEY.exec(lines[0] ?? '') ?? [];
    if (columns === undefined || to === undefined || toColumns === undefined) return [];
    return [{ from: table.name, columns, to, toColumns, more: more === '' ? '' : `, ${more.trim().toLowerCase()}` }];
  });
}

function renderOther(object: SchemaObject): string {
  const comment = commentOf(object.lines).map(prose);
  const [first = '', ...rest] = object.lines.filter((line) => !/^(owner|comment|grant|revoke) /.test(line));
  const body = first.includes('\n')
    ? [fenced('sql', first.replace(/^as\n/, ''))]
    : [[first, ...rest].filter(Boolean).map(code).join(', ')];
  const columns = renderColumns(partsOf(object, 'column'));
  return [`### ${code(shortName(object.name))}`, ...comment, ...body, columns]
    .filter((part) => part !== '')
    .join('\n\n');
}

function partsOf(object: SchemaObject, kind: PartKind): SchemaPart[] {
  return object.parts.filter((part) => part.kind === kind);
}

function list<T>(title: string, items: readonly T[], render: (item: T) => string): string {
  return items.length === 0 ? '' : `${title}:\n\n${items.map((item) => `- ${render(item)}`).join('\n')}`;
}

function commentOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => (line.startsWith('comment ') ? [line.slice('comment '.length)] : []));
}

function remark(lines: readonly string[]): string {
  return commentOf(lines)
    .map((comment) => `. ${prose(comment)}`)
    .join('');
}

/** Without the schema that everything is in when nothing is said. */
function shortName(name: string): string {
  return name.replace(/^public\./, '');
}

function link(name: string): string {
  const anchor = shortName(name)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-');
  return `[${code(shortName(name))}](#${anchor})`;
}

function fenced(language: string, text: string): string {
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}

function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return text === '' ? '' : `${fence}${text.replace(/\s+/g, ' ')}${fence}`;
}

/** A comment as it stands, in one line, and without what Markdown or HTML would take for its own. */
function prose(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#]/g, '\\$&').replace(/\s*\n\s*/g, '<br>');
}
