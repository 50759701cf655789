import {
  accessMethod,
  COMMENT,
  commentOn,
  foreignOptions,
  isCompared,
  lines,
  options,
  owner,
  qualified,
  tablespace,
  when,
  words,
} from './fragments.ts';
import { grants } from './grants.ts';
import type { KindQuery } from './kind.ts';

/** Options of the table and, as `toast.name`, of the table with its long values. */
const STORAGE_OPTIONS = options(
  `c.reloptions || (select array_agg('toast.' || setting) from unnest(toast.reloptions) setting)`,
);

const FOREIGN = `(select 'server ' || quote_ident(s.srvname) || coalesce(' options (' || ${foreignOptions('f.ftoptions')} || ')', '')
      from pg_foreign_table f join pg_foreign_server s on s.oid = f.ftserver where f.ftrelid = c.oid)`;

/** Parents in the order in which they were named, which decides the order of merged columns. Partitions have one. */
export const INHERITANCE = `(
    select inhrelid, string_agg(inhparent::regclass::text, ', ' order by inhseqno) as parents, array_agg(xmin) as xids
    from pg_inherits group by inhrelid
  ) inheritance`;

/**
 * Left out: OIDs and file numbers, which no two databases share; statistics; whether there are indexes, rules or triggers, which
 * those say themselves.
 */
export const tables: KindQuery = {
  catalog: 'pg_class',
  partOf: null,
  select: `select case c.relkind when 'f' then 'foreign table' else 'table' end as kind, c.oid, 0 as sub, 0::oid as parent,
    ${qualified('c.relnamespace', 'c.relname')} as name,
    ${lines(
      when(`c.relpersistence = 'u'`, `'unlogged'`),
      when('c.reloftype <> 0', `'of ' || c.reloftype::regtype::text`),
      when(
        'inheritance.parents is not null',
        words(
          `case when c.relispartition then 'partition of' else 'inherits' end`,
          'inheritance.parents',
          'pg_get_expr(c.relpartbound, c.oid)',
        ),
      ),
      when(`c.relkind = 'p'`, `'partition by ' || pg_get_partkeydef(c.oid)`),
      when(`c.relkind = 'f'`, FOREIGN),
      when('c.relam not in (0, 2)', accessMethod('c.relam')),
      when('c.reltablespace <> 0', tablespace('c.reltablespace')),
      when('c.reloptions is not null or toast.reloptions is not null', `'with ' || ${STORAGE_OPTIONS}`),
      when('c.relrowsecurity', `'row security on'`),
      when('c.relforcerowsecurity', `'row security forced on the owner'`),
      when(
        `c.relkind <> 'f'`,
        `case c.relreplident when 'f' then 'replica identity full' when 'n' then 'replica identity nothing' end`,
      ),
      owner('c.relowner'),
      'granted.lines',
      COMMENT,
    )} as text,
    array[c.xmin, comment.xmin, toast.xmin,
      case when c.relkind = 'p' then (select xmin from pg_partitioned_table where partrelid = c.oid) end,
      case when c.relkind = 'f' then (select xmin from pg_foreign_table where ftrelid = c.oid) end] || inheritance.xids as xids
  from pg_class c
  left join ${INHERITANCE} on inheritance.inhrelid = c.oid
  left join pg_class toast on toast.oid = c.reltoastrelid and toast.reloptions is not null
  ${commentOn('pg_class', 'c.oid')}
  ${grants('pg_class', 'c', { list: 'relacl', owner: 'relowner' }, 'r')}
  where c.relkind in ('r', 'p', 'f') and ${isCompared('pg_class', 'c', 'relnamespace')}`,
};
