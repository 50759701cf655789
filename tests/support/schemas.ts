import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Credentials } from '../../lib/postgres/credentials.ts';
import { startPostgres, type TestPostgres, withDatabase } from './postgres.ts';

const folder = join(import.meta.dirname, 'schemas');

/** The schemas of `schemas/`, each in the style of another kind of project, and Carthub's. */
export const SCHEMAS: ReadonlyMap<string, string> = new Map([
  ...readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .map((file): [string, string] => [file.replace(/\.sql$/, ''), readFileSync(join(folder, file), 'utf8')]),
  ['carthub', carthub()],
]);

function carthub(): string {
  const migrations = join(import.meta.dirname, '../../migrations');
  const files = readdirSync(migrations).filter((file) => /^\d+\.do\..*\.sql$/.test(file));
  const texts = files.sort().map((file) => readFileSync(join(migrations, file), 'utf8'));
  // One text is one transaction, in which nothing is made beside the writes of others.
  return texts.join('\n').replaceAll('CONCURRENTLY', '');
}

/** A PostgreSQL with the roles that schemas and mutations name; `superuser` is who migrates. */
export type SchemaServer = TestPostgres & {
  /** A new database with one of {@link SCHEMAS}. */
  database(schema: string): Promise<Credentials>;
};

export async function startSchemaServer(): Promise<SchemaServer> {
  const postgres = await startPostgres();
  await withDatabase(await postgres.freshDatabase(), (client) =>
    client.query('create role reader; create role keeper; create role auditor'),
  );
  return {
    ...postgres,
    async database(schema) {
      const sql = SCHEMAS.get(schema);
      if (sql === undefined) throw new Error(`There is no schema ${schema}.`);
      const credentials = await postgres.freshDatabase();
      await withDatabase(credentials, (client) => client.query(sql));
      return credentials;
    },
  };
}

/** The statements that the server is sent from now on, each one round trip. */
export function roundTrips(client: Client): string[] {
  const sent: string[] = [];
  const { query } = client;
  Reflect.set(client, 'query', (...values: unknown[]) => {
    sent.push(String(values[0]));
    return Reflect.apply(query, client, values);
  });
  return sent;
}
