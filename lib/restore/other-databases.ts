import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import type { Sides } from '../lost-writes/survey.ts';

/**
 * An instance is exchanged whole, and rows are looked for in one database. `postgres` is on every instance, and there is nothing in it to be
 * lost where nobody owns an object: of all databases the owners can be seen from here, but for what belongs to the one role that made the
 * cluster, which on RDS is rdsadmin (https://www.postgresql.org/docs/15/catalog-pg-shdepend.html).
 */
const QUERY = `
select d.datname as name, exists (select from pg_catalog.pg_shdepend s where s.dbid = d.oid and s.deptype = 'o') as "isUsed"
from pg_catalog.pg_database d
where d.datallowconn and not d.datistemplate and d.datname not in (pg_catalog.current_database(), 'rdsadmin') order by 1`;

const row = z.object({ name: z.string(), isUsed: z.boolean() });

/** The databases beside ours that may hold anything of anybody. */
export async function readOtherDatabases(client: ClientBase): Promise<string[]> {
  const databases = await readDatabases(client);
  return databases.flatMap(({ name, isUsed }) => (isUsed || name !== 'postgres' ? [name] : []));
}

/** Those whose writes a restore throws away, since nobody looks for them. What `postgres` held when the copy was made may have been dropped since. */
export async function readUnseenDatabases({ live, copy }: Sides): Promise<string[]> {
  const there = (await readDatabases(copy)).some(({ name, isUsed }) => name === 'postgres' && isUsed);
  const databases = await readDatabases(live);
  return databases.flatMap(({ name, isUsed }) => (isUsed || there || name !== 'postgres' ? [name] : []));
}

async function readDatabases(client: ClientBase): Promise<z.infer<typeof row>[]> {
  const { rows } = await client.query(QUERY);
  return rows.map((one) => row.parse(one));
}
