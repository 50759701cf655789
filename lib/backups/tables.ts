import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { bigint } from '../postgres/columns.ts';
import { qualifiedName } from '../postgres/identifier.ts';
import type { TableRows } from './manifest.ts';

/** A table whose rows pg_dump writes; `condition` is the part of an extension's own table that it marks as the user's. */
export type DumpedTable = { schema: string; table: string; condition: string };

/**
 * The tables whose data pg_dump writes: ordinary tables and partitions outside the system's schemas, and of an extension's those that
 * it asks to dump (https://www.postgresql.org/docs/15/extend-extensions.html#EXTEND-EXTENSIONS-CONFIG-TABLES).
 */
const DUMPED = `
select n.nspname as schema, c.relname as table, coalesce(config.condition, '') as condition
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join (
  select t.oid, t.condition from pg_catalog.pg_extension e,
    lateral unnest(e.extconfig, e.extcondition) as t(oid, condition)
) config on config.oid = c.oid
where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and (config.oid is not null or not exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'))
order by 1, 2`;

const dumped = z.object({ schema: z.string(), table: z.string(), condition: z.string() });

export async function listTables(client: ClientBase): Promise<DumpedTable[]> {
  const { rows } = await client.query(DUMPED);
  return z.array(dumped).parse(rows);
}

const AT_ONCE = 200;

/** Keeps whoever truncates or alters these tables waiting until the transaction ends, and readers and writers not. */
export async function lockTables(client: ClientBase, tables: readonly DumpedTable[]): Promise<void> {
  for (let at = 0; at < tables.length; at += AT_ONCE) {
    const names = tables.slice(at, at + AT_ONCE).map(({ schema, table }) => `only ${qualifiedName(schema, table)}`);
    await client.query(`lock table ${names.join(', ')} in access share mode`);
  }
}

/** `count(*)` of each, as the transaction that is open sees them. `onTable` is called after each. */
export async function countRows(
  client: ClientBase,
  tables: readonly DumpedTable[],
  onTable?: (rows: number) => void,
): Promise<TableRows[]> {
  const counted: TableRows[] = [];
  for (const { schema, table, condition } of tables) {
    const { rows } = await client.query(
      `select count(*) as rows from only ${qualifiedName(schema, table)} ${condition}`,
    );
    const [row] = z.array(z.object({ rows: bigint })).parse(rows);
    counted.push({ schema, table, rows: row?.rows ?? 0 });
    onTable?.(row?.rows ?? 0);
  }
  return counted;
}
