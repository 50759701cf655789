import type { Client } from 'pg';
import * as z from 'zod/mini';
import { sqlState } from '../postgres/sql-state.ts';
import { type DumpedTable, listTables, lockTables } from './tables.ts';

/** A transaction's view of the database, which pg_dump takes over by `id`. */
export type ExportedSnapshot = { id: string; at: string; lsn: string; tables: DumpedTable[]; locked: boolean };

const exported = z.object({ id: z.string(), at: z.string(), lsn: z.string() });

/** out_of_memory in the lock table: a database of very many tables */
const TOO_MANY_LOCKS = '53200';

/**
 * Begins the transaction whose view is dumped and counted. The tables are locked, as readers lock them, before the view is taken: a
 * TRUNCATE, which no snapshot protects from, then comes before both the dump and the count or after both.
 *
 * The session waits for pg_dump's first byte with the transaction open, at most `idleMs`.
 */
export async function exportSnapshot(client: Client, idleMs: number): Promise<ExportedSnapshot> {
  const locked = await beginLocked(client);
  await client.query(`set local idle_in_transaction_session_timeout = ${Math.ceil(idleMs)}`);
  // As pg_dump has it: rows that a policy hides are an error, and not missing.
  await client.query('set local row_security = off; set local max_parallel_workers_per_gather = 0');
  const { rows } = await client.query(
    `select pg_export_snapshot() as id,
       to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
       (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text as lsn`,
  );
  return { ...exported.parse(rows[0]), tables: await listTables(client), locked };
}

async function beginLocked(client: Client): Promise<boolean> {
  const tables = await listTables(client);
  await client.query(BEGIN);
  try {
    await lockTables(client, tables);
    return true;
  } catch (error) {
    if (sqlState(error) !== TOO_MANY_LOCKS && sqlState(error) !== UNDEFINED_TABLE) throw error;
    await client.query('rollback');
    await client.query(BEGIN);
    return false;
  }
}

const BEGIN = 'begin isolation level repeatable read read only';
/** A table was dropped between the list and its lock. */
const UNDEFINED_TABLE = '42P01';
