import type { ClientBase } from 'pg';
import { CarthubError } from '../errors.ts';
import { IS_RUN_LOCK } from '../postgres/run-lock.ts';
import { LOCK_NOT_AVAILABLE, MADE_MEANWHILE, sqlState } from '../postgres/sql-state.ts';
import { CREATE_OWN_TABLES } from '../postgres/tables.ts';

/** Sessions of the run are still there after they were told to end. */
export class BackendsRemainError extends CarthubError {
  override readonly name = 'BackendsRemainError';
}

const ROUNDS = 10;

/**
 * Waits up to 5 seconds for each to be gone (PostgreSQL 14 and later). A function that a migration calls can change the name of
 * its session, so whoever holds the run lock goes too: with the lease ours, nobody else has a right to it.
 */
const TERMINATE = `
select count(*)::int as ended, count(*) filter (where not pg_terminate_backend(pid, 5000))::int as left
from pg_stat_activity where pid <> pg_backend_pid()
  and (application_name = $1 or pid in (select pid from pg_locks where ${IS_RUN_LOCK}))`;

/**
 * Ends every session of the run, whatever it calls itself, and raises the token in the database, after which nothing that carries an older one can
 * commit. A session that comes back in between holds the token's row for a moment at most: then it is ended again.
 */
export async function endBackends(options: {
  client: ClientBase;
  applicationName: string;
  token: number;
}): Promise<{ ended: number }> {
  const { client, applicationName, token } = options;
  let ended = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await terminate(client, applicationName);
    ended += found.ended;
    if (found.left > 0 || !(await raise(client, token))) continue;
    const later = await terminate(client, applicationName);
    ended += later.ended;
    if (later.left === 0) return { ended };
  }
  throw new BackendsRemainError(`Sessions of ${applicationName} are still in the database after ${ROUNDS} rounds.`, {
    remedy: `Look at them: select * from pg_stat_activity where application_name = '${applicationName}'`,
  });
}

async function terminate(client: ClientBase, applicationName: string): Promise<{ ended: number; left: number }> {
  const { rows } = await client.query<{ ended: number; left: number }>(TERMINATE, [applicationName]);
  return rows[0] ?? { ended: 0, left: 0 };
}

/** False when another transaction holds the row, or makes the tables, at this moment. */
async function raise(client: ClientBase, token: number): Promise<boolean> {
  try {
    await client.query('begin');
    await client.query(`set local lock_timeout = '2s'`);
    await client.query(CREATE_OWN_TABLES);
    await client.query('update carthub_db.fence set token = greatest(token, $1)', [token]);
    await client.query('commit');
    return true;
  } catch (error) {
    await client.query('rollback');
    const state = sqlState(error);
    if (state === LOCK_NOT_AVAILABLE || (state !== null && MADE_MEANWHILE.has(state))) return false;
    throw error;
  }
}
