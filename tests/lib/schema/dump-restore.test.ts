import { execFile, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Credentials } from '../../../lib/postgres/credentials.ts';
import { compareDatabases } from '../../../lib/schema/compare-database.ts';
import { readDocument } from '../../../lib/schema/describe.ts';
import { withDatabase } from '../../support/postgres.ts';
import { SCHEMAS, type SchemaServer, startSchemaServer } from '../../support/schemas.ts';

let postgres: SchemaServer;
beforeAll(async () => {
  postgres = await startSchemaServer();
});
afterAll(() => postgres.stop());

const [pgDump, psql] = ['pg_dump', 'psql'].map(
  (program) => spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout,
);
const missing = [pgDump, psql].some((version) => !/PostgreSQL\) 1[5-9]/.test(version ?? ''));

if (missing) {
  test('NOT RUN: no difference after pg_dump | psql, because pg_dump and psql of PostgreSQL 15 or newer are not on the PATH', () => {
    expect(missing).toBe(true);
  });
} else {
  test.each([...SCHEMAS.keys()])('there is no difference between %s and its copy by pg_dump | psql', async (schema) => {
    const original = await postgres.database(schema);
    const copy = await postgres.freshDatabase();
    await restore(await dump(original), copy);
    await withDatabase(original, (expected) =>
      withDatabase(copy, async (actual) => {
        expect((await readDocument(expected, { migrator: 'postgres' })).size).toBeGreaterThan(5);
        expect(
          await compareDatabases(
            { client: expected, migrator: 'postgres' },
            { client: actual, migrator: 'postgres' },
            { columnOrder: 'compared' },
          ),
        ).toEqual({ equal: true, differences: [], ignored: [], unusedRules: [] });
      }),
    );
  });

  test('there are at least twelve of them, of different style', () => {
    expect(SCHEMAS.size).toBeGreaterThanOrEqual(12);
  });
}

function dump(database: Credentials): Promise<string> {
  return run('pg_dump', [], database);
}

async function restore(sql: string, database: Credentials): Promise<void> {
  await run('psql', ['--quiet', '--no-psqlrc', '--set', 'ON_ERROR_STOP=1'], database, sql);
}

function run(
  program: string,
  args: string[],
  { host, port, username, dbname }: Credentials,
  input = '',
): Promise<string> {
  const env = { ...process.env, PGHOST: host, PGPORT: `${port}`, PGUSER: username, PGDATABASE: dbname };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 64 << 20 }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}
