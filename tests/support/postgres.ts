import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg, { type Client } from 'pg';
import { copyCluster } from '../../embedded/kept-cluster.ts';
import { type Server, startServer } from '../../embedded/server.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';

/** A PostgreSQL for one test file: `start` in beforeAll, `stop` in afterAll, an empty database for each test. */
export type TestPostgres = {
  server: Server;
  freshDatabase(): Promise<Credentials>;
  stop(): Promise<void>;
};

export async function startPostgres(settings: Record<string, string> = {}): Promise<TestPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(folder, 0o755);
  const data = join(folder, 'pgdata');
  await copyCluster(data);
  const server = await startServer({
    folder: data,
    processes: join(folder, 'processes'),
    settings: { fsync: 'off', full_page_writes: 'off', autovacuum: 'off', max_connections: '200', ...settings },
  });
  let number = 0;
  const at = (dbname: string): Credentials => ({
    username: 'postgres',
    password: 'trusted',
    host: '127.0.0.1',
    port: server.port,
    dbname,
  });
  return {
    server,
    async freshDatabase() {
      number += 1;
      const name = `test_${number}`;
      await withDatabase(at('postgres'), (client) => client.query(`create database ${name}`));
      return at(name);
    },
    async stop() {
      await server.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A plain connection for a test's own looks and changes, closed at the end. */
export async function withDatabase<T>(credentials: Credentials, use: (client: Client) => Promise<T>): Promise<T> {
  const { host, port, dbname, username, password } = credentials;
  const client = new pg.Client({ host, port, database: dbname, user: username, password, application_name: 'test' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
