import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { documentOf, type SchemaDocument, type SchemaObject, type SchemaPart } from './document.ts';
import { LINE_SEPARATOR } from './kinds/fragments.ts';
import { isObjectKind, KINDS, type KindQuery, type ObjectKind, PART_KINDS } from './kinds/kind.ts';
import { QUERIES } from './kinds/kinds.ts';
import type { ListedSection } from './list.ts';
import { prepareCatalogs, type ReadOptions, readCatalogs } from './session.ts';

const row = z.object({
  query: z.int(),
  kind: z.enum([...KINDS, ...PART_KINDS]),
  oid: z.int(),
  sub: z.int(),
  parent: z.int(),
  name: z.string(),
  text: z.string(),
});

type Row = z.infer<typeof row>;
type Growing = {
  kind: ObjectKind;
  name: string;
  lines: readonly string[] | null;
  parts: (SchemaPart & { sub: number })[];
};

/** The whole schema as a document. One round trip. */
export async function readDocument(client: ClientBase, options: ReadOptions): Promise<SchemaDocument> {
  return assemble(await read(client, options, describingAll()), new Map());
}

/** What reads the whole schema, over a connection that does nothing else, as often as it is wanted: a fraction of the first time's cost. */
export async function documentReader(client: ClientBase, options: ReadOptions): Promise<() => Promise<SchemaDocument>> {
  const execute = await prepareCatalogs(client, options, describingAll().join(UNION));
  return async () => assemble(parsed(await execute()), new Map());
}

/**
 * What these sections hold. An owner of which only parts were asked for has no lines; one that is gone meanwhile is not there.
 * One round trip.
 */
export async function describeSections(
  client: ClientBase,
  options: ReadOptions,
  sections: readonly ListedSection[],
): Promise<SchemaDocument> {
  if (sections.length === 0) return new Map();
  const owners = new Map<string, Growing>();
  for (const { owner, parts, query, oid } of sections) {
    const { catalog, partOf } = queryAt(query);
    const at = `${partOf?.catalog ?? catalog} ${oid}`;
    const known = owners.get(at) ?? { ...owner, lines: [], parts: [] };
    // Its own lines are to come; without them it is gone.
    owners.set(at, parts === null ? { ...known, lines: null } : known);
  }
  const statements = [...Map.groupBy(sections, (section) => section.query)].map(([number, wanted]) => {
    const { select, partOf } = queryAt(number);
    const oids = wanted.map((section) => section.oid).join(',');
    return `${describing(number, select)} where ${partOf === null ? 'oid' : 'parent'} = any ('{${oids}}'::oid[])`;
  });
  return assemble(await read(client, options, statements), owners);
}

function describing(query: number, select: string): string {
  return `select ${query} as query, kind, oid, sub, parent, name, text from (${select}) object`;
}

function describingAll(): string[] {
  return QUERIES.map(({ select }, number) => describing(number, select));
}

const UNION = '\nunion all\n';

async function read(client: ClientBase, options: ReadOptions, statements: string[]): Promise<Row[]> {
  return parsed(await readCatalogs(client, options, statements.join(UNION)));
}

function parsed(rows: readonly unknown[]): Row[] {
  return rows.map((one) => row.parse(one));
}

/** @param owners the objects that are known already, by catalog and OID */
function assemble(rows: readonly Row[], owners: Map<string, Growing>): SchemaDocument {
  for (const { query, kind, oid, name, text } of rows) {
    if (!isObjectKind(kind)) continue;
    const at = `${queryAt(query).catalog} ${oid}`;
    const known = owners.get(at) ?? { kind, name, parts: [] };
    owners.set(at, { ...known, lines: linesOf(text) });
  }
  for (const { query, parent, sub, name, text } of rows) {
    const { partOf } = queryAt(query);
    if (partOf === null) continue;
    const part = { kind: partOf.as, name, lines: linesOf(text), sub };
    owners.get(`${partOf.catalog} ${parent}`)?.parts.push(part);
  }
  return documentOf([...owners.values()].flatMap(finished));
}

function finished({ kind, name, lines, parts }: Growing): SchemaObject[] {
  if (lines === null) return [];
  const inOrder = parts.toSorted((a, b) => a.sub - b.sub || (a.name < b.name ? -1 : 1));
  return [{ kind, name, lines, parts: inOrder.map(({ sub, ...part }) => part) }];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.split(LINE_SEPARATOR);
}

function queryAt(number: number): KindQuery {
  const query = QUERIES[number];
  if (!query) throw new RangeError(`There is no query ${number}.`);
  return query;
}
