import type { Client } from 'pg';

/** Everything that the catalogs know of schema public, a line an object: a difference shows itself in the test's output. */
export async function catalog(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(CATALOG);
  return rows.map((row) => row.line);
}

const CATALOG = `
with ours as (select * from pg_class where relnamespace = 'public'::regnamespace)
select format('%s %s kind=%s persistence=%s options=%s acl=%s', 'relation', relname, relkind, relpersistence, reloptions, relacl) as line
  from ours
union all
select format('column %s.%s %s %s null=%s default=%s acl=%s', relname, attnum, attname, format_type(atttypid, atttypmod),
              not attnotnull, pg_get_expr(adbin, adrelid), attacl)
  from ours join pg_attribute a on a.attrelid = ours.oid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where attnum > 0 and relkind in ('r', 'v')
union all
select format('constraint %s.%s %s validated=%s', relname, conname, pg_get_constraintdef(c.oid), convalidated)
  from ours join pg_constraint c on c.conrelid = ours.oid
union all
select format('index %s valid=%s', pg_get_indexdef(indexrelid), indisvalid) from ours join pg_index on indexrelid = ours.oid
union all
select format('trigger %s enabled=%s', pg_get_triggerdef(t.oid), tgenabled)
  from ours join pg_trigger t on tgrelid = ours.oid where not tgisinternal
union all
select format('sequence %s %s start=%s step=%s max=%s owned by %s', relname, format_type(seqtypid, null), seqstart, seqincrement,
              seqmax, (select format('%s.%s', refobjid::regclass, refobjsubid) from pg_depend
                        where classid = 'pg_class'::regclass and objid = ours.oid and deptype = 'a'))
  from ours join pg_sequence on seqrelid = ours.oid
union all
select format('function %s acl=%s', pg_get_functiondef(oid), proacl) from pg_proc where pronamespace = 'public'::regnamespace
union all
select format('type %s', typname) from pg_type
 where typnamespace = 'public'::regnamespace and typrelid = 0 and typelem = 0
order by line`;
