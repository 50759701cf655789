import type { Client } from 'pg';
import * as z from 'zod/mini';
import type { TransactionDetail } from '../lib/journal/journal.ts';
import { bigint } from '../lib/postgres/columns.ts';
import { OWN_SCHEMA } from '../lib/postgres/tables.ts';

type Counts = { inserted: number; updated: number; deleted: number };
type Table = Counts & { name: string; file: string; ours: boolean };

/** Counts come as text: a file may change more rows than 32 bits can count. */
const row = z.object({
  ...{ oid: z.string(), name: z.string(), file: z.string(), ours: z.boolean() },
  ...{ inserted: bigint, updated: bigint, deleted: bigint },
});

/** The users' tables as a transaction sees them, by OID. */
export type Tables = Map<string, Table>;

/**
 * Every table of the users with its file and this session's counts, which go back to transactions before this one: only
 * a difference says what a transaction did (https://www.postgresql.org/docs/15/monitoring-stats.html).
 *
 * `ours`: this transaction, or a subtransaction of it, wrote the table's pg_class row. That row's xmin is still in
 * progress, and of what others have in progress we see nothing. `age()` counts from our own xid, back to older ones.
 */
export async function readTables(client: Client): Promise<Tables> {
  const { rows } = await client.query(`
    select c.oid::text, pg_catalog.format('%I.%I', n.nspname, c.relname) as name, c.relfilenode::text as file,
      pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) as inserted,
      pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) as updated,
      pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) as deleted,
      case when pg_catalog.age(c.xmin) <= 0 then pg_catalog.pg_xact_status(
        (pg_catalog.pg_current_xact_id()::text::bigint - pg_catalog.age(c.xmin))::text::xid8) = 'in progress'
      else false end as ours
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm', 'p') and c.relpersistence <> 't' and n.nspname !~ '^pg_'
      and n.nspname not in ('information_schema', '${OWN_SCHEMA}')`);
  return new Map(rows.map((found) => row.parse(found)).map(({ oid, ...table }) => [oid, table]));
}

/** What happened between the two, as the journal keeps it. `counted`: whether the server counts rows at all. */
export function changesBetween(before: Tables, after: Tables, counted: boolean): TransactionDetail {
  const tables: Record<string, Counts> = {};
  const rewritten: string[] = [];
  for (const [oid, now] of after) {
    const then = before.get(oid);
    const counts = difference(now, then);
    if (counts.inserted + counts.updated + counts.deleted > 0) tables[now.name] = counts;
    if (then && now.ours && then.file !== now.file) rewritten.push(now.name);
  }
  const dropped = [...before].filter(([oid]) => !after.has(oid)).map(([, { name }]) => name);
  return { tables: counted ? tables : null, rewritten, dropped, subtransactions: [] };
}

/** TRUNCATE sets the counts of its transaction back, so a difference can come out negative. */
function difference(now: Counts, then: Counts = { inserted: 0, updated: 0, deleted: 0 }): Counts {
  return {
    inserted: Math.max(0, now.inserted - then.inserted),
    updated: Math.max(0, now.updated - then.updated),
    deleted: Math.max(0, now.deleted - then.deleted),
  };
}
