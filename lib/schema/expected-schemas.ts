import * as z from 'zod/mini';
import { documentOf, keyOf, type SchemaDocument, type SchemaObject } from './document.ts';
import { KINDS, PART_KINDS } from './kinds/kind.ts';
import { documentDigest, sectionsOf } from './section.ts';

const lines = z.array(z.string());

const schemaObject = z.object({
  kind: z.enum(KINDS),
  name: z.string(),
  lines,
  parts: z.array(z.object({ kind: z.enum(PART_KINDS), name: z.string(), lines })),
});

/** A schema as JSON. */
export const schemaDocument = z.array(schemaObject);

/**
 * What the files of a release make of an empty database, version by version: of the first everything, of each later one what
 * its file made or changed (`now`) and what went away (`gone`, by `keyOf`). Kept in S3 under the SHA-256 of its own bytes.
 */
export const expectedSchemas = z.object({
  format: z.literal(1),
  versions: z.array(z.object({ version: z.int(), now: z.array(schemaObject), gone: z.array(z.string()) })),
});

export type ExpectedSchemas = z.infer<typeof expectedSchemas>;

export const NO_SCHEMAS: ExpectedSchemas = { format: 1, versions: [] };

/** The schemas with one more version, whose whole schema is `after`. */
export function withVersion(
  schemas: ExpectedSchemas,
  version: number,
  { before, after }: { before: SchemaDocument; after: SchemaDocument },
): ExpectedSchemas {
  const now = [...after.values()].filter((object) => !isSame(before.get(keyOf(object)), object)).map(copyOf);
  const gone = [...before.keys()].filter((key) => !after.has(key));
  return { ...schemas, versions: [...schemas.versions, { version, now, gone }] };
}

/** The schema of a version; null where the files could not be applied that far, or have no such version. */
export function schemaAt(schemas: ExpectedSchemas, version: number): SchemaDocument | null {
  const last = schemas.versions.findIndex((entry) => entry.version === version);
  if (last < 0) return null;
  const objects = new Map<string, SchemaObject>();
  for (const { now, gone } of schemas.versions.slice(0, last + 1)) {
    for (const key of gone) objects.delete(key);
    for (const object of now) objects.set(keyOf(object), object);
  }
  return documentOf(objects.values());
}

/** SHA-256 of a schema, by which a release names it. */
export function digestOf(document: SchemaDocument): string {
  return documentDigest(sectionsOf(document, 'ignored'));
}

/** A schema from JSON, and to JSON. */
export function toSchemaDocument(objects: z.infer<typeof schemaDocument>): SchemaDocument {
  return documentOf(objects);
}

export function fromSchemaDocument(document: SchemaDocument): z.infer<typeof schemaDocument> {
  return [...document.values()].map(copyOf);
}

function isSame(one: SchemaObject | undefined, other: SchemaObject): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function copyOf({ kind, name, lines, parts }: SchemaObject): ExpectedSchemas['versions'][number]['now'][number] {
  return {
    kind,
    name,
    lines: [...lines],
    parts: parts.map((part) => ({ kind: part.kind, name: part.name, lines: [...part.lines] })),
  };
}
