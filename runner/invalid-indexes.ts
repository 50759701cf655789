import type { Client } from 'pg';
import { qualifiedName } from '../lib/postgres/identifier.ts';

export type Index = { oid: string; schema: string; name: string };

/** Indexes that no query uses, because the statement that was to build them did not end well. */
export async function readInvalidIndexes(client: Client): Promise<Index[]> {
  const { rows } = await client.query<Index>(
    `select c.oid::text, n.nspname as schema, c.relname as name
     from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     -- An index of a partitioned table is not valid until every partition has its part of it.
     where not i.indisvalid and c.relkind = 'i' and n.nspname !~ '^pg_'`,
  );
  return rows;
}

/**
 * Drops what a failed CREATE INDEX or REINDEX CONCURRENTLY left: a later CREATE INDEX IF NOT EXISTS would take it for an
 * index. Returns what it dropped, and what it could not.
 */
export async function dropInvalidIndexes(
  client: Client,
  before: readonly Index[],
): Promise<{ dropped: string[]; left: string[] }> {
  const known = new Set(before.map(({ oid }) => oid));
  const dropped: string[] = [];
  const left: string[] = [];
  for (const { oid, schema, name } of await readInvalidIndexes(client)) {
    if (known.has(oid)) continue;
    const index = qualifiedName(schema, name);
    try {
      await client.query(`drop index concurrently if exists ${index}`);
      dropped.push(index);
    } catch {
      // The report names it; the reason is that of the statement before, most often a lock.
      left.push(index);
    }
  }
  return { dropped, left };
}
