import { afterAll, beforeAll } from '@jest/globals';
import { Client } from 'pg';
import { withThrowawayServer } from '../../embedded/throwaway.ts';
import { migrations } from './files.ts';

/** One server for all tests of a file; each test gets a database of its own in it. */
export function useServer(): { withDatabase: <T>(use: (client: Client) => Promise<T>) => Promise<T> } {
  let port = 0;
  let count = 0;
  const closing = Promise.withResolvers<void>();
  let closed: Promise<void> = Promise.resolve();

  beforeAll(async () => {
    const ready = Promise.withResolvers<void>();
    closed = withThrowawayServer(async (server) => {
      port = server.port;
      ready.resolve();
      await closing.promise;
    });
    await Promise.race([ready.promise, closed]);
  });
  afterAll(async () => {
    closing.resolve();
    await closed;
  });

  const withClient = async <T>(database: string, use: (client: Client) => Promise<T>): Promise<T> => {
    const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };
  return {
    async withDatabase(use) {
      count += 1;
      const database = `test_${count}`;
      await withClient('postgres', (client) => client.query(`create database ${database}`));
      return withClient(database, use);
    },
  };
}

/** Brings an empty database to the last version. */
export async function migrateAll(client: Client): Promise<void> {
  for (const migration of await migrations()) await client.query(migration.do);
}
