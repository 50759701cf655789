import type { Client } from 'pg';
import type { Statement } from '../lib/migrations/parse.ts';
import { qualifiedName, quoteIdentifier } from '../lib/postgres/identifier.ts';

export type Index = { oid: string; schema: string; name: string; table: string };

/** Indexes that no query uses, because the statement that was to build them did not end well or has not ended. */
export async function readInvalidIndexes(client: Client): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `select c.oid::text, n.nspname as schema, c.relname as name, i.indrelid::text as table
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     -- An index of a partitioned table is not valid until every partition has its part of it.
     where not i.indisvalid and c.relkind = 'i' and n.nspname !~ '^pg_'`,
  );
  return rows;
}

/**
 * Drops what a failed CREATE INDEX or REINDEX CONCURRENTLY left: a later CREATE INDEX IF NOT EXISTS would take it for an
 * index. Only what that statement can have made: other sessions build indexes too, and those are not valid yet either.
 * Returns what it dropped, and what it could not.
 */
export async function dropInvalidIndexes(
  client: Client,
  before: readonly Index[],
  statement: Statement,
): Promise<{ dropped: string[]; left: string[] }> {
  const known = new Set(before.map(({ oid }) => oid));
  const dropped: string[] = [];
  const left: string[] = [];
  const isOwn = await ownIndexes(client, statement);
  for (const found of await readInvalidIndexes(client)) {
    if (known.has(found.oid) || !isOwn(found)) continue;
    const index = qualifiedName(found.schema, found.name);
    try {
      if (await isAbandoned(client, found)) {
        await client.query(`drop index concurrently if exists ${index}`);
        dropped.push(index);
      }
    } catch {
      // The report names it; the reason is that of the statement before, most often a lock.
      left.push(index);
    }
  }
  return { dropped, left };
}

/** How REINDEX CONCURRENTLY names the index that it builds, and the one that it replaces. */
const COPY = /_cc(?:new|old)\d*$/;

async function ownIndexes(client: Client, { tree }: Statement): Promise<(index: Index) => boolean> {
  if (tree !== null && 'IndexStmt' in tree) {
    const { relation, idxname } = tree.IndexStmt;
    const tables = await tablesOf(client, relation);
    return ({ table, name }) => tables.has(table) && (!idxname || name === idxname);
  }
  if (tree !== null && 'ReindexStmt' in tree && tree.ReindexStmt.relation) {
    const { relation, kind } = tree.ReindexStmt;
    const tables = await tablesOf(client, relation);
    const of = kind === 'REINDEX_OBJECT_INDEX' && tables.size === 1 ? (relation.relname ?? '') : null;
    return ({ table, name }) =>
      // The server shortens a long name to make room for the ending.
      tables.has(table) && COPY.test(name) && (of === null || of.startsWith(name.replace(COPY, '')));
  }
  if (tree !== null && 'ReindexStmt' in tree) {
    // It names no table. A copy that came meanwhile and that nobody builds any more was left by it, or by another REINDEX
    // that failed in the same minutes: of no use to anybody either way.
    const { kind, name: schema } = tree.ReindexStmt;
    return (index) => COPY.test(index.name) && (kind !== 'REINDEX_OBJECT_SCHEMA' || index.schema === schema);
  }
  return () => false;
}

/** The table that a statement names, or that has the index that it names, and its partitions; as the session finds them. */
async function tablesOf(
  client: Client,
  relation: { schemaname?: string; relname?: string } | undefined,
): Promise<Set<string>> {
  if (!relation?.relname) return new Set();
  const { schemaname, relname } = relation;
  const { rows } = await client.query<{ oid: string }>(
    `with named as (select pg_catalog.to_regclass($1) as oid),
     own as (select coalesce((select i.indrelid from pg_catalog.pg_index i where i.indexrelid = n.oid), n.oid) as oid from named n)
     select oid::oid::text from own where oid is not null
     union select p.relid::oid::text from own, pg_catalog.pg_partition_tree(own.oid::oid::regclass) p`,
    [schemaname ? qualifiedName(schemaname, relname) : quoteIdentifier(relname)],
  );
  return new Set(rows.map(({ oid }) => oid));
}

/**
 * Whether nobody builds it any more. Who builds an index holds this lock on the table to the end: once we had it, what is
 * not valid stays so.
 */
async function isAbandoned(client: Client, { oid, table }: Index): Promise<boolean> {
  const { rows: names } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = $1::oid`,
    [table],
  );
  const [named] = names;
  if (named === undefined) return false;
  await client.query('begin');
  try {
    await client.query(`set local lock_timeout = '5s'`);
    await client.query(`lock table only ${qualifiedName(named.schema, named.name)} in share update exclusive mode`);
  } finally {
    await client.query('rollback');
  }
  const { rows } = await client.query('select from pg_catalog.pg_index where indexrelid = $1::oid and not indisvalid', [
    oid,
  ]);
  return rows.length === 1;
}
