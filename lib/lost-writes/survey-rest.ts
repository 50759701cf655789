import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../postgres/tables.ts';

const sequence = z.object({ schema: z.string(), name: z.string(), label: z.string() });

/** The users' sequences, those of identity columns included. */
export async function readSequences(client: ClientBase): Promise<z.infer<typeof sequence>[]> {
  const { rows } = await client.query(`
    select schemaname as schema, sequencename as name, format('%I.%I', schemaname, sequencename) as label
    from pg_sequences where schemaname <> '${OWN_SCHEMA}' order by 1, 2`);
  return rows.map((row) => sequence.parse(row));
}

const objects = z.object({ count: z.string(), digest: z.nullable(z.string()), readable: z.boolean() });

/** What can be told of large objects without reading them; only a superuser may. */
const OBJECTS = `select count(*)::text as count, md5(string_agg(oid::text, ',' order by oid)) as digest,
  has_table_privilege('pg_catalog.pg_largeobject', 'select') as readable from pg_largeobject_metadata`;

const CONTENT = `select md5(string_agg(loid::text || '/' || pageno::text || '/' || md5(data), ',' order by loid, pageno)) as digest
  from pg_largeobject`;

/** Null when no large object was made, changed or removed on the live side since the copy's time. */
export async function compareLargeObjects(live: ClientBase, copy: ClientBase): Promise<string | null> {
  const [now, then] = [await look(live), await look(copy)];
  if (now.count !== then.count || now.digest !== then.digest) {
    return `The live database has ${now.count} large objects, the copy has ${then.count}, or others.`;
  }
  if (now.count === '0') return null;
  if (!now.readable || !then.readable) return `There are ${now.count} large objects, and we may not read them.`;
  return (await digest(live)) === (await digest(copy)) ? null : 'Large objects have other contents than in the copy.';
}

async function look(client: ClientBase): Promise<z.infer<typeof objects>> {
  const { rows } = await client.query(OBJECTS);
  return objects.parse(rows[0]);
}

async function digest(client: ClientBase): Promise<string | null> {
  const { rows } = await client.query(CONTENT);
  return z.object({ digest: z.nullable(z.string()) }).parse(rows[0]).digest;
}
