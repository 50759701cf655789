import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { xid } from '../postgres/columns.ts';
import { OWN_SCHEMA } from '../postgres/tables.ts';

const key = z.object({
  columns: z.array(z.string()),
  equals: z.array(z.string()),
  order: z.nullable(z.string()),
});

const table = z.object({
  oid: z.string(),
  schema: z.string(),
  name: z.string(),
  label: z.string(),
  kind: z.enum(['r', 'p', 'f', 'm']),
  unlogged: z.boolean(),
  file: z.string(),
  xid,
  unreadable: z.nullable(z.string()),
  unwritable: z.nullable(z.string()),
  rows: z.number(),
  bytes: z.number(),
  columns: z.array(
    z.object({
      ...{ number: z.int(), name: z.string(), type: z.string(), generated: z.boolean(), xid },
      /** What rows have in it that were there before the column; null is NULL. */
      missing: z.nullable(z.string()),
    }),
  ),
  /** Who wrote the catalog row of a column that is dropped. */
  dropped: z.array(z.object({ number: z.int(), xid })),
  keys: z.array(key),
});

export type CatalogTable = z.infer<typeof table>;

/** What makes a catalog row's 32-bit xmin whole: the next xid, less how long ago it was. */
const WHOLE = (alias: string) => `((select next from clock) - age(${alias}.xmin))::text`;

/**
 * The users' tables, ours left out, each with its columns and the keys that name its rows: the primary key first, then unique
 * indexes over columns that are never null. Ids of transactions of rows that were frozen long ago may come out in the future.
 */
const TABLES = `
with clock as materialized (
  select pg_snapshot_xmax(now.snapshot)::text::bigint
    + age((pg_snapshot_xmax(now.snapshot)::text::bigint & 4294967295)::text::xid) as next
  from (select pg_current_snapshot() as snapshot) now)
select c.oid::text, n.nspname as schema, c.relname as name, format('%I.%I', n.nspname, c.relname) as label,
  c.relkind as kind, c.relpersistence = 'u' as unlogged, c.relfilenode::text as file, ${WHOLE('c')} as xid,
  case when not has_table_privilege(c.oid, 'select') then 'we may not read it'
    when row_security_active(c.oid) then 'row security hides rows from us' end as unreadable,
  case when exists (select from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled in ('A', 'R'))
      or exists (select from pg_rewrite r where r.ev_class = c.oid and r.ev_type <> '1' and r.ev_enabled in ('A', 'R'))
    then 'a trigger or rule of it fires for replayed rows, too'
    when exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'x' and k.condeferrable)
    then 'a deferrable exclusion constraint of it is not checked for replayed rows'
    when not (has_table_privilege(c.oid, 'insert') and has_table_privilege(c.oid, 'delete')) then 'we may not write it'
    end as unwritable,
  greatest(c.reltuples, 0)::float8 as rows, pg_table_size(c.oid)::float8 as bytes,
  coalesce((select json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
      'generated', a.attgenerated <> '', 'xid', ${WHOLE('a')},
      'missing', (a.attmissingval::text::text[])[1]) order by a.attnum)
    from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]') as columns,
  coalesce((select json_agg(json_build_object('number', a.attnum, 'xid', ${WHOLE('a')}))
    from pg_attribute a where a.attrelid = c.oid and a.attisdropped), '[]') as dropped,
  coalesce((select json_agg(json_build_object('columns', k.columns, 'equals', k.equals, 'order', k.ordering) order by k.primary desc, k.width, k.name)
    from (
      select i.indisprimary as primary, i.indnkeyatts as width, x.relname as name,
        json_agg(a.attname order by p.at) as columns,
        json_agg(format('operator(%I.%s)', en.nspname, e.oprname) order by p.at) as equals,
        case when count(distinct dn.nspname) = 1 and bool_and(d.oid is not null) then min(dn.nspname) end as ordering
      from pg_index i
      join pg_class x on x.oid = i.indexrelid
      cross join lateral generate_series(0, i.indnkeyatts - 1) as p(at)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[p.at]
      join pg_opclass o on o.oid = i.indclass[p.at]
      join pg_amop em on em.amopfamily = o.opcfamily and em.amopstrategy = 3 and em.amoplefttype = o.opcintype and em.amoprighttype = o.opcintype
      join pg_operator e on e.oid = em.amopopr join pg_namespace en on en.oid = e.oprnamespace
      left join pg_amop gm on gm.amopfamily = o.opcfamily and gm.amopstrategy = 5 and gm.amoplefttype = o.opcintype and gm.amoprighttype = o.opcintype
      left join pg_operator d on d.oid = gm.amopopr and d.oprname = '>' left join pg_namespace dn on dn.oid = d.oprnamespace
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
      group by i.indexrelid, i.indisprimary, i.indnkeyatts, x.relname
      having bool_and(a.attnotnull) and count(*) = i.indnkeyatts
    ) k), '[]') as keys
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'f', 'm') and c.relpersistence <> 't' and n.nspname !~ '^pg_'
  and n.nspname not in ('information_schema', '${OWN_SCHEMA}')
order by 2, 3`;

/** Call it within a transaction of {@link reading}. */
export async function readTables(client: ClientBase): Promise<CatalogTable[]> {
  const { rows } = await client.query(TABLES);
  return rows.map((row) => table.parse(row));
}
