import { afterAll, beforeAll } from '@jest/globals';
import { type JournalRow, readJournal } from '../../lib/journal/journal.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';
import { type PostgresProxy, startPostgresProxy } from '../support/postgres-proxy.ts';
import { type Ended, openRunnerBench, type RunnerBench } from '../support/runner.ts';

export type Bench = RunnerBench & { freshDatabase(): Promise<Credentials> };

/** A PostgreSQL and the runner's bundle for the tests of one file. */
export function useBench(settings: Record<string, string> = {}): Bench {
  let postgres: TestPostgres;
  let runner: RunnerBench;
  beforeAll(async () => {
    [postgres, runner] = await Promise.all([startPostgres(settings), openRunnerBench()]);
  });
  afterAll(async () => {
    await runner.stop();
    await postgres.stop();
  });
  return {
    get store() {
      return runner.store;
    },
    start: (options) => runner.start(options),
    run: (options) => runner.run(options),
    document: (key) => runner.document(key),
    stop: () => runner.stop(),
    freshDatabase: () => postgres.freshDatabase(),
  };
}

/** A database, and the same through a proxy that can break the connection. */
export async function withProxy<T>(
  bench: Bench,
  use: (at: { database: Credentials; through: Credentials; proxy: PostgresProxy }) => Promise<T>,
): Promise<T> {
  const database = await bench.freshDatabase();
  const proxy = await startPostgresProxy({ port: database.port });
  try {
    return await use({ database, through: { ...database, port: proxy.port }, proxy });
  } finally {
    await proxy.close();
  }
}

/** The first column of what a query finds. */
export async function column(database: Credentials, sql: string): Promise<unknown[]> {
  return withDatabase(database, async (client) => {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' });
    return rows.map(([value]) => value);
  });
}

export function change(database: Credentials, sql: string): Promise<unknown> {
  return withDatabase(database, (client) => client.query(sql));
}

export async function versions(database: Credentials): Promise<unknown[]> {
  return column(database, 'select version::integer from carthub_db.schemaversion order by version');
}

export async function journalOf(database: Credentials, { run }: Pick<Ended, 'run'>): Promise<JournalRow[]> {
  return withDatabase(database, (client) => readJournal(client, run));
}

/** `version.step state` of each row. */
export async function stepsOf(database: Credentials, ended: Pick<Ended, 'run'>): Promise<string[]> {
  return (await journalOf(database, ended)).map(({ version, step, state }) => `${version}.${step} ${state}`);
}

export const isCommit = (sql: string) => sql === 'commit';

/** The nth statement of those that match. */
export function nth(number: number, matches: (sql: string) => boolean): (sql: string) => boolean {
  let left = number;
  return (sql) => {
    if (matches(sql)) left -= 1;
    return left === 0 && matches(sql);
  };
}
