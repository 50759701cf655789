import type { ClientBase } from 'pg';
import * as z from 'zod/mini';

/**
 * What the session's settings would do to the text that the server prints. Each is set to one value, for the length of one
 * transaction, so that every session, role and database prints the same text of the same object:
 *
 * - `search_path`: which names are printed without their schema. With the system's alone every name of a user has it;
 *   `pg_temp` is named last, since it comes first when it is not named.
 * - `datestyle`, `intervalstyle`, `timezone`, `bytea_output`, `extra_float_digits`, `lc_monetary`: how constants are printed.
 * - `quote_all_identifiers`, `standard_conforming_strings`: how names and strings are quoted.
 *
 * `jit` is off because the statements are large and run once. `work_mem` keeps their hash tables off the disk.
 */
const SETTINGS = `set local search_path = pg_catalog, pg_temp;
set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
set local bytea_output = 'hex'; set local extra_float_digits = 1; set local lc_monetary = 'C';
set local quote_all_identifiers = off; set local standard_conforming_strings = on;
set local jit = off; set local max_parallel_workers_per_gather = 0; set local work_mem = '32MB'`;

export type ReadOptions = {
  /** The role that migrates, which is printed as `<migrator>`: it has another name on every server. The session's own when left out. */
  migrator?: string;
  /** Whether columns must also come in the same order. After an undo that adds a dropped column again they do not; left out, it is not asked. */
  columnOrder?: 'compared' | 'ignored';
};

const results = z.array(z.object({ command: z.nullable(z.string()), rows: z.array(z.unknown()) }));

/**
 * The rows of one statement of ours, in one round trip, with settings under which every session prints the same. Leaves no setting
 * behind. Inside a transaction of the caller, where it takes one round trip more, it sees what that did; else it has a read-only
 * one of its own.
 */
export async function readCatalogs(client: ClientBase, options: ReadOptions, statement: string): Promise<unknown[]> {
  const text = `${SETTINGS};\n${nameMigrator(client, options, 'transaction')};\n${statement}`;
  if (client.getTransactionStatus() !== 'I') return insideTransaction(client, text);
  try {
    return await send(client, `begin isolation level repeatable read, read only;\n${text};\ncommit`);
  } catch (error) {
    if (client.getTransactionStatus() === 'E') await client.query('rollback');
    throw error;
  }
}

/**
 * The same for a connection that is for reading alone, again and again: it keeps the settings, and the statement's plan, whose
 * making takes longer than reading a small schema does. The plan stays right whatever is made: catalogs themselves do not change.
 */
export async function prepareCatalogs(
  client: ClientBase,
  options: ReadOptions,
  statement: string,
): Promise<() => Promise<unknown[]>> {
  await client.query(SETTINGS.replaceAll('set local', 'set session'));
  await client.query(nameMigrator(client, options, 'session'));
  await client.query(`set plan_cache_mode = force_generic_plan; prepare carthub_db_schema as\n${statement}`);
  return () => send(client, 'begin isolation level repeatable read, read only; execute carthub_db_schema; commit');
}

function nameMigrator(client: ClientBase, { migrator }: ReadOptions, until: 'transaction' | 'session'): string {
  const role = migrator === undefined ? 'current_user' : client.escapeLiteral(migrator);
  return `select set_config('carthub_db.migrator', quote_ident(${role}), ${until === 'transaction'})`;
}

/** The savepoint is set by itself, so that it is there whatever happens to the rest. */
async function insideTransaction(client: ClientBase, text: string): Promise<unknown[]> {
  await client.query('savepoint carthub_db_schema');
  const undo = 'rollback to savepoint carthub_db_schema; release savepoint carthub_db_schema';
  try {
    return await send(client, `${text};\n${undo}`);
  } catch (error) {
    if (client.getTransactionStatus() === 'E') await client.query(undo);
    throw error;
  }
}

/** The statement's rows are the last that come; only settings give rows before it. */
async function send(client: ClientBase, text: string): Promise<unknown[]> {
  const answer: unknown = await client.query(text);
  const ours = results.parse(answer).findLast(({ command }) => command === 'SELECT');
  return ours?.rows ?? [];
}
