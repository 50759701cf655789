import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { RDSADMIN } from '../secret.ts';

/** How the platform reaches a server: past the instance's address, which customers use, with TLS all the same. */
export type Entrance = { port: number; password: string; caFile: string };

/** A session of the platform's superuser in its own database. */
export async function openSession(entrance: Entrance): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: entrance.port,
    user: RDSADMIN,
    password: entrance.password,
    database: RDSADMIN,
    application_name: RDSADMIN,
    ssl: { ca: await readFile(entrance.caFile, 'utf8') },
    connectionTimeoutMillis: 10_000,
  });
  // A server that goes away fails the query that waits for it; between queries there is nobody to tell.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Lends `use` such a session. */
export async function withSession<T>(entrance: Entrance, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await openSession(entrance);
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
