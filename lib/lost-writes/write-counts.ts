import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { bigint } from '../postgres/columns.ts';
import { OWN_SCHEMA } from '../postgres/tables.ts';
import type { OwnWork } from './own-work.ts';

/** How many rows; attempts that were rolled back are among them. */
export const counts = z.object({ inserted: z.int(), updated: z.int(), deleted: z.int() });

/** What the server has counted by itself of all sessions that have told it so far: at the latest when they end. */
export const writeCounts = z.object({
  /** When counting began; another moment means that what was counted before is gone. */
  since: z.string(),
  /** By the table's OID, which a name is not. */
  tables: z.record(z.string(), counts),
});

export type Counts = z.infer<typeof counts>;
export type WriteCounts = z.infer<typeof writeCounts>;

/** The same with the tables' names as they are now. */
export type NamedWriteCounts = WriteCounts & { names: Record<string, string> };

/**
 * A reset of a table's or the database's counts leaves its moment in pg_stat_database. After a crash the server begins anew without
 * one there, but with one in pg_stat_bgwriter (https://www.postgresql.org/docs/15/monitoring-stats.html).
 */
const SINCE = `select concat_ws('/', (select stats_reset from pg_catalog.pg_stat_database where datname = current_database()),
  (select stats_reset from pg_catalog.pg_stat_bgwriter)) as since`;

const TABLES = `
select c.oid::text, pg_catalog.format('%I.%I', n.nspname, c.relname) as name, pg_catalog.pg_stat_get_tuples_inserted(c.oid)::text as inserted,
  pg_catalog.pg_stat_get_tuples_updated(c.oid)::text as updated, pg_catalog.pg_stat_get_tuples_deleted(c.oid)::text as deleted
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', '${OWN_SCHEMA}')`;

const row = z.object({ oid: z.string(), name: z.string(), inserted: bigint, updated: bigint, deleted: bigint });

/** Asks the server. Changes nothing. */
export async function readWriteCounts(client: ClientBase): Promise<NamedWriteCounts> {
  const { rows: reset } = await client.query(SINCE);
  const { since } = z.object({ since: z.string() }).parse(reset[0]);
  const { rows } = await client.query(TABLES);
  const found = rows.map((one) => row.parse(one));
  return {
    since,
    tables: Object.fromEntries(
      found.map(({ oid, inserted, updated, deleted }) => [oid, { inserted, updated, deleted }]),
    ),
    names: Object.fromEntries(found.map(({ oid, name }) => [oid, name])),
  };
}

/**
 * How many rows others wrote between the two moments, at the most: what was counted, less what our run's journal has. A table of which that is not
 * known is not here.
 *
 * @param before of the restore point, null when nobody asked then; what sessions had not told by then counts as later
 * @param after  when all sessions have ended
 */
export function countOthers(
  before: WriteCounts | null,
  after: NamedWriteCounts,
  work: OwnWork,
): Record<string, Counts> {
  if (before === null || before.since !== after.since || work.anything) return {};
  const others = Object.entries(after.tables).flatMap(([oid, now]): [string, Counts][] => {
    const then = before.tables[oid];
    const name = after.names[oid] ?? '';
    const own = work.touched[name] ?? { inserted: 0, updated: 0, deleted: 0 };
    if (then === undefined || own.inserted === null || own.updated === null || own.deleted === null) return [];
    const rest = {
      inserted: now.inserted - then.inserted - own.inserted,
      updated: now.updated - then.updated - own.updated,
      deleted: now.deleted - then.deleted - own.deleted,
    };
    return Math.min(rest.inserted, rest.updated, rest.deleted) < 0 ? [] : [[name, rest]];
  });
  return Object.fromEntries(others);
}
