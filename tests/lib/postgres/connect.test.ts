import { once } from 'node:events';
import { chown, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyCluster } from '../../../embedded/kept-cluster.ts';
import { runUser } from '../../../embedded/run-user.ts';
import { freePort, type Server, startServer, writeAccessRules } from '../../../embedded/server.ts';
import { brokenBecause, type ConnectOptions, rdsCertificates, withClient } from '../../../lib/postgres/connect.ts';
import { ensureTls } from '../../../local/certificates.ts';
import { withDatabase } from '../../support/postgres.ts';

let folder: string;
let server: Server;
let ca: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-connect-'));
  const data = join(folder, 'pgdata');
  const user = runUser();
  if (user) await chown(folder, user.uid, user.gid);
  await copyCluster(data);
  const { caFile, certFile, keyFile } = await ensureTls(join(folder, 'tls'));
  ca = await readFile(caFile, 'utf8');
  for (const [from, name] of [
    [certFile, 'server.crt'],
    [keyFile, 'server.key'],
  ] as const) {
    await copyFile(from, join(data, name));
    if (user) await chown(join(data, name), user.uid, user.gid);
  }
  await writeAccessRules(data, ['host all postgres 127.0.0.1/32 trust', 'hostssl all all 127.0.0.1/32 scram-sha-256']);
  server = await startServer({
    folder: data,
    processes: join(folder, 'processes'),
    settings: { ssl: 'on', fsync: 'off', max_connections: '8', superuser_reserved_connections: '2' },
  });
  await withDatabase(superuser(), (client) =>
    client.query(`create role app login password 'right'; alter role app set timezone = 'Asia/Tokyo'`),
  );
});
afterAll(async () => {
  await server.stop('immediate');
  await rm(folder, { recursive: true });
});

const superuser = () => ({
  username: 'postgres',
  password: 'x',
  host: '127.0.0.1',
  port: server.port,
  dbname: 'postgres',
});

function options(change: Partial<ConnectOptions> = {}): ConnectOptions {
  const credentials = { username: 'app', password: 'right', host: '127.0.0.1', port: server.port, dbname: 'postgres' };
  return { credentials, applicationName: 'a name', ca, connectTimeoutMs: 5_000, ...change };
}

test('it speaks TLS, verified, and says its name', async () => {
  const found = await withClient(options(), async (client) => {
    const { rows } = await client.query(
      `select ssl, application_name as name from pg_stat_ssl join pg_stat_activity using (pid) where pid = pg_backend_pid()`,
    );
    return rows[0];
  });
  expect(found).toEqual({ ssl: true, name: 'a name' });
});

test('its settings are what RESET ALL returns to, whatever the role has', async () => {
  const look = `select current_setting('TimeZone') as zone, current_setting('statement_timeout') as statement,
    current_setting('lock_timeout') as lock, current_setting('client_connection_check_interval') as checks,
    current_setting('idle_in_transaction_session_timeout') as idle, current_setting('search_path') as path`;
  await withClient(options({ statementTimeoutMs: 1500, lockTimeoutMs: 2500 }), async (client) => {
    const before = (await client.query(look)).rows[0];
    expect(before).toEqual({
      zone: 'UTC',
      statement: '1500ms',
      lock: '2500ms',
      checks: '1s',
      idle: '1min',
      path: '"$user", public',
    });
    await client.query(
      `set timezone = 'Asia/Tokyo'; set statement_timeout = 0; set lock_timeout = 0; set search_path = ''; reset all`,
    );
    expect((await client.query(look)).rows[0]).toEqual(before);
  });
});

test.each([
  ['a wrong password', { password: 'wrong' }, 'DatabaseAuthenticationError'],
  ['a role that is not there', { username: 'nobody' }, 'DatabaseAuthenticationError'],
  ['a database that is not there', { dbname: 'absent' }, 'DatabaseAuthenticationError'],
  ['a name that does not resolve', { host: 'absent.invalid' }, 'DatabaseUnreachableError'],
])('%s has a name and a remedy, and no password in its message', async (_, change, name) => {
  const credentials = { ...options().credentials, ...change };
  const attempt = withClient(options({ credentials }), async () => undefined);
  await expect(attempt).rejects.toMatchObject({ name, remedy: expect.stringMatching(/\w/) });
  await expect(attempt).rejects.toMatchObject({ message: expect.not.stringMatching(/wrong|right/) });
});

test('nobody listening, no answer, and a full server are each unreachable', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const to = (where: number) => ({ ...options().credentials, port: where });
  for (const [credentials, message] of [
    [to(await freePort()), 'ECONNREFUSED'],
    [to(port), 'timeout expired'],
  ] as const) {
    const attempt = withClient(options({ credentials, connectTimeoutMs: 300 }), async () => undefined);
    await expect(attempt).rejects.toMatchObject({
      name: 'DatabaseUnreachableError',
      message: expect.stringContaining(message),
    });
  }
  silent.close();
  const fill = async (left: number): Promise<void> =>
    withClient(options(), () => (left > 1 ? fill(left - 1) : Promise.resolve()));
  await expect(fill(8)).rejects.toMatchObject({
    name: 'DatabaseUnreachableError',
    remedy: expect.stringContaining('max_connections'),
  });
});

test('a certificate of somebody else is refused, with its own remedy', async () => {
  await expect(withClient(options({ ca: rdsCertificates() }), async () => undefined)).rejects.toMatchObject({
    name: 'DatabaseUnreachableError',
    remedy: expect.stringContaining('PGSSLROOTCERT'),
  });
});

test('another machine is never spoken to without TLS', async () => {
  const credentials = { ...options().credentials, host: '192.0.2.1' };
  await expect(withClient(options({ credentials, ca: null }), async () => undefined)).rejects.toMatchObject({
    name: 'DatabaseUnreachableError',
    message: 'Refused to speak to 192.0.2.1 without TLS.',
  });
});

test('a session that is ended while idle is told by the next query, with the words of the server', async () => {
  const attempt = withClient(options(), async (client) => {
    const { rows } = await client.query('select pg_backend_pid() as pid');
    const gone = new Promise<void>((resolve) => client.once('end', resolve));
    await withDatabase(superuser(), (other) => other.query('select pg_terminate_backend($1)', [rows[0]?.pid]));
    await gone;
    expect(brokenBecause(client)?.message).toBe('terminating connection due to administrator command');
    await client.query('select 1');
  });
  await expect(attempt).rejects.toThrow('not queryable');
});

test('a session is gone when its user has thrown', async () => {
  await expect(
    withClient(options({ applicationName: 'thrower' }), async () => {
      throw new Error('mine');
    }),
  ).rejects.toThrow('mine');
  const { rows } = await withDatabase(superuser(), (client) =>
    client.query(
      `select count(*)::integer as left from pg_stat_activity where application_name = 'thrower' and state <> 'idle'`,
    ),
  );
  expect(rows).toEqual([{ left: 0 }]);
});

test('the certificates of RDS are there, all of them real', () => {
  expect(rdsCertificates().length).toBeGreaterThan(50);
  for (const one of rdsCertificates()) expect(one).toContain('BEGIN CERTIFICATE');
});
