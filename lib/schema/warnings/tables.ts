import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../../postgres/tables.ts';
import { look } from './warning.ts';

const USERS = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OWN_SCHEMA}')
  and c.oid not in (select objid from pg_depend where classid = 'pg_class'::regclass and deptype = 'e')`;

/** Point-in-time recovery and replicas do not have their rows. */
export const unloggedTables = look({
  about: 'unlogged table',
  sql: `select format('%I.%I', n.nspname, c.relname) as table, pg_size_pretty(pg_table_size(c.oid)) as size
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence = 'u' and ${USERS} order by 1`,
  row: { table: z.string(), size: z.string() },
  tell: ({ table, size }) => ({
    object: table,
    message: `The table ${table} (${size}) is unlogged: after a crash and after a restore it is empty.`,
    remedy: `If its rows matter: ALTER TABLE ${table} SET LOGGED`,
  }),
});

/** What others wrote to them since the restore point can be counted, and not replayed. */
export const tablesWithoutKey = look({
  about: 'table without a key',
  sql: `select format('%I.%I', n.nspname, c.relname) as table
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and ${USERS}
      and not exists (
        select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
          and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attnum = any (i.indkey) and not a.attnotnull))
    order by 1`,
  row: { table: z.string() },
  tell: ({ table }) => ({
    object: table,
    message: `The table ${table} has no key: its rows cannot be told apart, so writes that a restore would lose cannot be put back.`,
    remedy: `Give it one: ALTER TABLE ${table} ADD PRIMARY KEY (...)`,
  }),
});
