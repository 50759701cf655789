import type { Client } from 'pg';
import { CarthubError } from '../errors.ts';
import { brokenBecause } from '../postgres/connect.ts';
import { toSqlError } from '../postgres/sql-error.ts';
import { endsSession, LOCK_NOT_AVAILABLE, sqlState } from '../postgres/sql-state.ts';
import { BackupPermissionError, DumpFailedError } from './errors.ts';

/** insufficient_privilege */
const NOT_ALLOWED = '42501';

/** What the server refused of our own statements, or why the session is gone, under a name of ours. */
export function namedDatabaseError(client: Client, error: unknown): unknown {
  if (error instanceof CarthubError) return error;
  const state = sqlState(error);
  const said = error instanceof Error ? error.message : String(error);
  if (state === NOT_ALLOWED) {
    return new BackupPermissionError(`The database's role may not read everything: ${said}`, {
      remedy:
        "Grant it to the role of the database's secret (on PostgreSQL 14 and later: grant pg_read_all_data), and BYPASSRLS where there are policies.",
      cause: error,
    });
  }
  if (state === LOCK_NOT_AVAILABLE) {
    return new DumpFailedError(`A table could not be locked for reading in time: ${said}`, {
      remedy: 'Find the session that holds it in pg_stat_activity and pg_locks, and start the backup again.',
      cause: error,
    });
  }
  const broken = brokenBecause(client);
  if (broken !== null || (state !== null && endsSession(error))) {
    return new DumpFailedError(`The connection to the database broke: ${broken?.message ?? said}`, {
      remedy: 'Look for a failover, an ended session or the network, and start the backup again.',
      cause: error,
    });
  }
  return state === null ? error : toSqlError(error, null);
}
