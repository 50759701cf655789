/** Kinds of objects that stand for themselves, in the order in which a document lists them. */
export const KINDS = [
  'schema',
  'extension',
  'access method',
  'language',
  'collation',
  'conversion',
  'type',
  'domain',
  'function',
  'procedure',
  'aggregate',
  'operator',
  'operator family',
  'operator class',
  'cast',
  'transform',
  'text search parser',
  'text search template',
  'text search dictionary',
  'text search configuration',
  'foreign-data wrapper',
  'server',
  'user mapping',
  'table',
  'foreign table',
  'view',
  'materialized view',
  'sequence',
  'statistics',
  'event trigger',
  'publication',
  'subscription',
  'default privileges',
] as const;

/** Kinds of objects that are part of another one, in the order in which a document lists them below it. */
export const PART_KINDS = ['column', 'constraint', 'index', 'trigger', 'rule', 'policy'] as const;

export type ObjectKind = (typeof KINDS)[number];
export type PartKind = (typeof PART_KINDS)[number];

const objectKinds: ReadonlySet<string> = new Set(KINDS);

export function isObjectKind(word: string): word is ObjectKind {
  return objectKinds.has(word);
}

/** How one kind, or a few that share a catalog, is read. */
export type KindQuery = {
  /** The catalog in whose OIDs the rows count; with `sub` it is what `pg_depend` calls the object. */
  catalog: string;
  /** What the rows are parts of: the catalog in which `parent` is found, and the kind of part. Null where they stand for themselves. */
  partOf: { catalog: 'pg_class' | 'pg_type'; as: PartKind } | null;
  /**
   * One SELECT, in the search path `pg_catalog, pg_temp`, that gives an object a row:
   *
   * - `kind text`
   * - `oid oid`, `sub integer`: which row of the catalog it is; `sub` is a column's number, else 0
   * - `parent oid`: of what it is a part, else 0
   * - `name text`: quoted where needed; with its schema where it has one, without its parent
   * - `text text`: its lines, see `lines`
   * - `xids xid[]`: which transactions wrote its rows, in any catalog; may hold nulls
   */
  select: string;
};
