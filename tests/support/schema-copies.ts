import { execFile } from 'node:child_process';
import type { Credentials } from '../../lib/postgres/credentials.ts';
import { compareDatabases } from '../../lib/schema/compare-database.ts';
import { readDocument } from '../../lib/schema/describe.ts';
import type { Comparison } from '../../lib/schema/difference.ts';
import { withDatabase } from './postgres.ts';
import type { SchemaServer } from './schemas.ts';

/** How a schema differs from its own copy by `pg_dump | psql`, the order of columns included; and how many objects it has. */
export async function compareWithCopy(
  postgres: SchemaServer,
  schema: string,
): Promise<{ objects: number; comparison: Comparison }> {
  const original = await postgres.database(schema);
  const copy = await postgres.freshDatabase();
  await restore(await dump(original), copy);
  return withDatabase(original, (expected) =>
    withDatabase(copy, async (actual) => ({
      objects: (await readDocument(expected, { migrator: 'postgres' })).size,
      comparison: await compareDatabases(
        { client: expected, migrator: 'postgres' },
        { client: actual, migrator: 'postgres' },
        { columnOrder: 'compared' },
      ),
    })),
  );
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
