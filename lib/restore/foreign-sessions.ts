import type { ClientBase } from 'pg';
import * as z from 'zod/mini';
import { sqlState } from '../postgres/sql-state.ts';
import { FreezeNotProvedError } from './freeze-errors.ts';

/** RDS's own: its agent, its read replicas, its cluster manager. */
const PLATFORM = ['rdsadmin', 'rdsrepladmin', 'rdstopmgr'];

/**
 * Processes of the server itself have no role; a background worker of an extension has one. A name that a session gives itself
 * exempts nobody, so everything else is foreign but the session that asks.
 *
 * Who is still logging in stands in no list of sessions. It is in a transaction all the same, to look up its role, and holds the lock
 * on that transaction's own number. Whoever has connected and said nothing at all yet is not seen; the server gives it
 * `authentication_timeout`, and what a client does in that time is to send its first packet.
 */
const FOREIGN = `
select pid, false as is_logging_in, concat_ws(' ', coalesce(usename, usesysid::text), nullif(application_name, ''), host(client_addr),
  nullif(backend_type, 'client backend')) as who
from pg_stat_activity
where usesysid is not null and pid <> pg_backend_pid() and coalesce(usename::text, '') <> all (array[${PLATFORM.map((name) => `'${name}'`)}])
union all
select pid, true, 'somebody who is logging in' from pg_locks
where locktype = 'virtualxid' and granted and pid not in (select pid from pg_stat_activity)`;

/** Waits up to 5 seconds for each to be gone. Who is logging in has no role yet, and only a superuser may end that. */
const TERMINATE = `select pg_terminate_backend(pid, 5000) from (${FOREIGN}) foreigners where not is_logging_in`;

const ROUNDS = 10;
/** How often one that is logging in is looked at again before that is said: it may be the platform's, known by its name then. */
const LOOKS = 5;
const INSUFFICIENT_PRIVILEGE = '42501';
const session = z.object({ who: z.string(), is_logging_in: z.boolean() });
type Session = z.infer<typeof session>;

/**
 * Ends every session on the server but this one and the platform's, until a look finds none. Who is logging in then is left to the
 * next call: it becomes a session, or the server gives it up after `authentication_timeout`.
 *
 * @throws FreezeNotProvedError when they go on coming, or may not be ended
 */
export async function endForeignSessions(client: ClientBase): Promise<{ ended: number; isAlone: boolean }> {
  let ended = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const found = await lookPatiently(client);
    if (found.every((each) => each.is_logging_in)) return { ended, isAlone: found.length === 0 };
    ended += await terminate(client);
  }
  throw notProved(await look(client));
}

async function lookPatiently(client: ClientBase): Promise<Session[]> {
  let found = await look(client);
  for (let looks = 1; looks < LOOKS && found.length > 0 && found.every((each) => each.is_logging_in); looks += 1) {
    await client.query('select pg_sleep(0.1)');
    found = await look(client);
  }
  return found;
}

async function look(client: ClientBase): Promise<Session[]> {
  const { rows } = await client.query(FOREIGN);
  return rows.map((row) => session.parse(row));
}

async function terminate(client: ClientBase): Promise<number> {
  try {
    const { rowCount } = await client.query(TERMINATE);
    return rowCount ?? 0;
  } catch (cause) {
    if (sqlState(cause) !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw notProved(await look(client), cause);
  }
}

/** A look alone, which ends nobody. @throws FreezeNotProvedError when somebody is there */
export async function proveAlone(client: ClientBase): Promise<void> {
  const found = await lookPatiently(client);
  if (found.length > 0) throw notProved(found);
}

function notProved(sessions: readonly Session[], cause?: unknown): FreezeNotProvedError {
  const names = [...new Set(sessions.map(({ who }) => who))].slice(0, 5).join('; ');
  return new FreezeNotProvedError(`Others are on the frozen server: ${names || 'for a moment each'}.`, {
    remedy:
      'End them for good (jobs and workers on the server itself are not stopped by security groups), and see that our role is a member of pg_signal_backend and pg_monitor.',
    cause,
  });
}
