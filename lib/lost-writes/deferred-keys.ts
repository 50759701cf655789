import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { list, only } from './table.ts';

const deferredKey = z.object({
  name: z.string(),
  label: z.string(),
  table: z.object({ schema: z.string(), name: z.string() }),
  columns: z.array(z.string()),
});

export type DeferredKey = z.infer<typeof deferredKey>;

/** Unique constraints that wait for the end of a transaction: triggers check them, which do not fire for replayed rows. */
export async function readDeferredKeys(client: ClientBase): Promise<DeferredKey[]> {
  const { rows } = await client.query(`
    select k.conname as name, format('%I.%I', n.nspname, c.relname) as label,
      json_build_object('schema', n.nspname, 'name', c.relname) as table,
      (select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any (k.conkey)) as columns
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype in ('p', 'u') and k.condeferrable and c.relkind = 'r' order by k.oid`);
  return rows.map((row) => deferredKey.parse(row));
}

/** How many keys of it are there more than once. */
export async function countDuplicates(client: ClientBase, { table, columns }: DeferredKey): Promise<number> {
  const bound = columns.map((name) => `${list([name], 't.')} is not null`).join(' and ');
  const { rows } = await client.query(
    `select count(*)::int as twice from (select from ${only(table)} t where ${bound} group by ${list(columns, 't.')} having count(*) > 1) d`,
  );
  return z.object({ twice: z.int() }).parse(rows[0]).twice;
}
