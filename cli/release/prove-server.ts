import { randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import { withClient } from '../../lib/postgres/connect.ts';
import type { Context } from '../command.ts';
import { ProvingServerError } from '../errors.ts';
import type { MadeDatabase } from './prove-database.ts';
import { dropRoles, roles } from './prove-roles.ts';
import type { ServerAddress } from './prove-url.ts';

/** The major version that the embedded PostgreSQL has, and the real databases. */
const MAJOR = 15;

const PREFIX = 'carthub_db_try_';
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Lends `use` a new database on a server, and drops it again whatever happens, and then the roles that the texts have made. No
 * other database is touched; roles of others neither.
 *
 * @throws ProvingServerError where such a database cannot be made, or could not be dropped
 */
export async function withServerDatabase<T>(
  server: ServerAddress,
  { context, texts }: { context: Context; texts: readonly string[] },
  use: (database: MadeDatabase) => Promise<T>,
): Promise<T> {
  const name = `${PREFIX}${randomBytes(6).toString('hex')}`;
  const helpers: string[] = [];
  const before = await onServer(server, (client) => makeDatabase(client, name));
  const drop = () =>
    onServer(server, async (client) => {
      await client.query(`drop database if exists ${name} with (force)`);
      const left = await dropRoles(client, before, [...texts, ...helpers]);
      if (left.length > 0) context.terminal.err(`Left on the server, as they are still used: ${left.join(', ')}.`);
    });
  const ended = await settle(() =>
    use({
      connection: { ...server, credentials: { ...server.credentials, dbname: name } },
      asPlatform: (work) => work(),
      madeRole: (role) => helpers.push(role),
    }),
  );
  const dropped = await settle(drop);
  if ('error' in dropped) {
    const { host, port } = server.credentials;
    const error = new ProvingServerError(
      `The database ${name} at ${host}:${port} could not be dropped: ${said(dropped)}`,
      {
        remedy: `Drop it by hand: drop database if exists ${name} with (force)`,
        cause: dropped.error,
      },
    );
    // What went wrong first is what a person needs first.
    if (!('error' in ended)) throw error;
    context.terminal.err(`${error.message} ${error.remedy}`);
  }
  if ('error' in ended) throw ended.error;
  return ended.value;
}

type Ended<T> = { value: T } | { error: unknown };

async function settle<T>(work: () => Promise<T>): Promise<Ended<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function said({ error }: { error: unknown }): string {
  return error instanceof Error ? error.message : String(error);
}

/** @returns the roles that were there before */
async function makeDatabase(client: Client, name: string): Promise<Set<string>> {
  const { rows } = await client.query<{ major: number; version: string; standby: boolean; may: boolean; user: string }>(
    `select current_setting('server_version_num')::integer / 10000 as major, current_setting('server_version') as version,
       pg_is_in_recovery() as standby, rolcreatedb or rolsuper as may, current_user as user
     from pg_roles where rolname = current_user`,
  );
  const { major, version, standby, may, user } = rows[0] ?? {
    major: 0,
    version: '?',
    standby: false,
    may: false,
    user: '?',
  };
  if (major !== MAJOR) {
    throw new ProvingServerError(`The server of --server is PostgreSQL ${version}; files are tried on ${MAJOR} only.`, {
      remedy: `Name a server of version ${MAJOR}, as the real database is one; or leave --server out.`,
    });
  }
  if (standby) {
    throw new ProvingServerError('The server of --server is a standby, where no database can be made.', {
      remedy: 'Name its primary, or leave --server out.',
    });
  }
  if (!may) {
    throw new ProvingServerError(`The user ${user} of --server may not make a database.`, {
      remedy: `Let it: ALTER ROLE "${user}" CREATEDB. Or name another user.`,
    });
  }
  const before = new Set(await roles(client));
  // template1 may hold what somebody put there, and a new database must be empty.
  await client.query(`create database ${name} template template0 encoding 'UTF8'`);
  return before;
}

async function onServer<T>(server: ServerAddress, use: (client: Client) => Promise<T>): Promise<T> {
  const options = { ...server, applicationName: 'carthub-db', connectTimeoutMs: CONNECT_TIMEOUT_MS };
  try {
    return await withClient(options, use);
  } catch (cause) {
    if (cause instanceof ProvingServerError) throw cause;
    throw new ProvingServerError(`The server of --server cannot be used: ${said({ error: cause })}`, {
      remedy:
        'See that it runs, and compare host, port, user, database and PGPASSWORD; TLS is off with ?sslmode=disable only.',
      cause,
    });
  }
}
