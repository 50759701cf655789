import * as z from 'zod/mini';
import { OWN_SCHEMA } from '../../postgres/tables.ts';
import { look } from './warning.ts';

const USERS = `n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OWN_SCHEMA}')`;

/** An index lies in the schema of its table. */
const NAME = `format('%I.%I', n.nspname, c.relname)`;
const TABLE = `format('%I.%I', n.nspname, (select relname from pg_class where oid = i.indrelid))`;

export const invalidIndexes = look({
  about: 'invalid index',
  sql: `select ${NAME} as index, ${TABLE} as table
    from pg_index i join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where not (i.indisvalid and i.indisready and i.indislive) and ${USERS}
      -- One that is being built right now is not broken.
      and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
    order by 1`,
  row: { index: z.string(), table: z.string() },
  tell: ({ index, table }) => ({
    object: index,
    message: `The index ${index} on ${table} was not built to its end. It costs every write, and no query uses it.`,
    remedy: `DROP INDEX CONCURRENTLY ${index}, then make it again; or REINDEX INDEX CONCURRENTLY ${index}`,
  }),
});

/** Counted since the statistics were last reset. An index that keeps something unique is used by every write. */
export const unusedIndexes = look({
  about: 'unused index',
  sql: `select ${NAME} as index, ${TABLE} as table,
      pg_size_pretty(pg_relation_size(s.indexrelid)) as size, to_char(d.stats_reset, 'YYYY-MM-DD') as since
    from pg_stat_user_indexes s join pg_index i on i.indexrelid = s.indexrelid
    join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    join pg_stat_database d on d.datname = current_database()
    where s.idx_scan = 0 and not i.indisunique and not i.indisexclusion and not i.indisreplident and i.indisvalid and ${USERS}
      -- Of a small table every index is unused, and cheap.
      and pg_relation_size(s.indexrelid) >= 1 << 20
    order by pg_relation_size(s.indexrelid) desc`,
  row: { index: z.string(), table: z.string(), size: z.string(), since: z.nullable(z.string()) },
  tell: ({ index, table, size, since }) => ({
    object: index,
    message: `No query used the index ${index} on ${table} (${size})${since ? ` since ${since}` : ' since statistics are kept'}.`,
    remedy: 'Look at every replica too, and at what runs once a month; then drop it in a migration.',
  }),
});

/** Of the same columns, classes and condition in the same order: the one without a constraint is the one to go. */
export const duplicateIndexes = look({
  about: 'duplicate index',
  sql: `select ${NAME} as index, format('%I.%I', n.nspname, twin_class.relname) as twin, ${TABLE} as table
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_index twin on twin.indrelid = i.indrelid and twin.indexrelid <> i.indexrelid and twin.indkey = i.indkey
      and twin.indclass = i.indclass and twin.indcollation = i.indcollation and twin.indoption = i.indoption
      and twin.indnkeyatts = i.indnkeyatts and pg_get_expr(twin.indexprs, twin.indrelid) is not distinct from pg_get_expr(i.indexprs, i.indrelid)
      and pg_get_expr(twin.indpred, twin.indrelid) is not distinct from pg_get_expr(i.indpred, i.indrelid)
    join pg_class twin_class on twin_class.oid = twin.indexrelid and twin_class.relam = c.relam
    where ${USERS} and not i.indisunique and (twin.indisunique or twin.indexrelid < i.indexrelid)
    order by 1, 2`,
  row: { index: z.string(), twin: z.string(), table: z.string() },
  tell: ({ index, twin, table }) => ({
    object: index,
    message: `The index ${index} on ${table} repeats ${twin}. It costs every write, and finds nothing that ${twin} would not.`,
    remedy: `Drop it in a migration: DROP INDEX CONCURRENTLY ${index}`,
  }),
});
