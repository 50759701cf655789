import { KINDS, type ObjectKind, PART_KINDS, type PartKind } from './kinds/kind.ts';

/**
 * A part of an object: a column, a constraint, an index. `lines` is what it is, as the server says it with an empty search path. A line may
 * hold line breaks: those of a function's body.
 */
export type SchemaPart = { kind: PartKind; name: string; lines: readonly string[] };

/** An object that stands for itself. Names are quoted where needed, and have their schema in front. */
export type SchemaObject = { kind: ObjectKind; name: string; lines: readonly string[]; parts: readonly SchemaPart[] };

/** A whole schema by `keyOf`, in the order in which it is written. */
export type SchemaDocument = ReadonlyMap<string, SchemaObject>;

/** What tells an object from all others of its schema: `table public.carts`. */
export function keyOf({ kind, name }: { kind: string; name: string }): string {
  return `${kind} ${name}`;
}

/** The objects as a document: by kind, then by name; their parts by kind in the order that they have. */
export function documentOf(objects: Iterable<SchemaObject>): SchemaDocument {
  const sorted = [...objects].sort(
    (a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.name < b.name ? -1 : 1),
  );
  return new Map(
    sorted.map((object) => {
      const parts = PART_KINDS.flatMap((kind) => object.parts.filter((part) => part.kind === kind));
      return [keyOf(object), { ...object, parts }];
    }),
  );
}
