import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { readChecks } from '../../cli/check/read-checks.ts';
import { readMigrations } from '../../cli/release/folder.ts';
import { type MadeRelease, makeRelease } from '../../cli/release/make.ts';
import { validationLines } from '../../cli/validate/lines.ts';
import { readDatabase } from '../../cli/validate/read-database.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { CREATE_OWN_TABLES } from '../../lib/postgres/tables.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import { readDocument } from '../../lib/schema/describe.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';
import { roundTrips } from '../support/schemas.ts';
import { testContext } from './context.ts';

const MIGRATIONS = join(import.meta.dirname, '../../migrations');
const NEWEST = 11;

let postgres: TestPostgres;
let made: MadeRelease;
let checks: Check[];
beforeAll(async () => {
  const files = await readMigrations(MIGRATIONS);
  const ignore = [{ kind: 'table' as const, name: 'public.notes_*', reason: 'Notes of the support team' }];
  postgres = await startPostgres({ wal_level: 'replica' });
  made = await makeRelease({ files, ignore, cache: null, context: testContext().context });
  checks = await readChecks(MIGRATIONS);
});
afterAll(() => postgres.stop());

/** What the runner leaves of these versions: a journal row and a history row in the transaction of each file. */
async function migrate(client: Client, run: string, { above, to }: { above: number; to: number }): Promise<void> {
  await client.query(CREATE_OWN_TABLES);
  for (const file of made.release.files.filter(({ version }) => above < version && version <= to)) {
    await client.query('begin');
    await client.query(
      `insert into carthub_db.journal (run_id, token, version, file, sha256, step, state) values ($1, 1, $2, $3, $4, 0, 'transaction')`,
      [run, file.version, file.file, file.sha256],
    );
    // One transaction, in which nothing is made beside the writes of others.
    await client.query(file.sql.replaceAll('CONCURRENTLY', ''));
    await client.query(
      'insert into carthub_db.schemaversion (version, name, md5, run_at, sha256, run_id) values ($1, $2, $3, now(), $4, $5)',
      [file.version, file.name, file.md5, file.sha256, run],
    );
    await client.query('commit');
  }
}

const validate = (client: Client, columnOrder: 'compared' | 'ignored' = 'ignored') =>
  readDatabase(client, { made, checks, columnOrder });

async function migrated(to: number): Promise<Credentials> {
  const database = await postgres.freshDatabase();
  await withDatabase(database, async (client) => {
    await migrate(client, 'run-1', { above: 0, to: Math.min(to, 4) });
    await migrate(client, 'run-2', { above: 4, to });
  });
  return database;
}

const text = (found: Awaited<ReturnType<typeof validate>>, colours = false) =>
  validationLines({ database: 'carthub', ...found }, { flags: ' --local', colours }).join('\n');

test('a database without our tables is at version 0; one that was migrated partway is as its version says', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    const empty = await validate(client);
    expect(empty).toMatchObject({ version: 0, equal: true, checks: [], schema: { differences: [] } });
    expect(empty.pending).toHaveLength(NEWEST);
    await migrate(client, 'run-1', { above: 0, to: 7 });
    const found = await validate(client);
    expect(found).toMatchObject({ version: 7, equal: true });
    expect(text(found)).toMatch(
      /carthub is as the migrations say at version 7\. 4 files are pending: npx carthub-db migrate --local$/,
    );
  });
});

test('after changes by hand the report names each object, shows both forms and the SQL, and whose doing it is', async () => {
  await withDatabase(await migrated(NEWEST), async (client) => {
    expect(text(await validate(client))).toMatch(/at version 11\. Nothing to do\.$/);
    await client.query(`alter table carts add note text; alter table orders alter status set not null; drop index idx_orders_status;
      create table notes_2024 (id integer); alter table order_items alter quantity set default 2`);
    // A run is asked for the row that it wrote: here the column of its file, as if the file had done what it did not.
    await client.query(`begin; insert into carthub_db.journal (run_id, token, version, file, sha256, step, state) values ('run-3', 2, 12, '012.do.x.sql', 'x', 0, 'transaction');
      alter table carts add ours integer; commit`);
    const found = await validate(client);
    expect(found).toMatchObject({
      version: 11,
      equal: false,
      schema: { ignored: [{ reason: 'Notes of the support team' }] },
    });
    const by = found.schema.differences.map(({ what, kind, name, changedBy }) => [
      `${what} ${kind} ${name}`,
      changedBy?.run,
    ]);
    expect(Object.fromEntries(by)).toEqual({
      'unexpected column public.carts.note': null,
      'unexpected column public.carts.ours': 'run-3',
      'different column public.orders.status': null,
      'missing index public.orders.idx_orders_status': undefined,
      'different column public.order_items.quantity': null,
    });
    const report = text(found);
    expect(report).toContain(`
    column status: different
      - character varying(50) default 'pending'::character varying
      + character varying(50) not null default 'pending'::character varying
      changed last by somebody else: not by a run of ours
      look: select `);
    expect(report).toContain('      changed last by run run-3\n');
    expect(report).toContain('  checks/next-numbers.sql: holds.');
    expect(report.split('\n').at(-1)).toBe(
      'carthub at version 11: 5 objects are not as the migrations say. Put it back or bring it into a migration, then: npx carthub-db validate --local',
    );
    expect(report).not.toContain('\x1b');
    expect(text(found, true)).toContain(`\x1b[33mcolumn status: different\x1b[0m`);
  });
});

test('what README.md shows is what comes', async () => {
  const readme = await readFile(join(MIGRATIONS, '../README.md'), 'utf8');
  const shown =
    /<!-- validate:begin -->\n```\n(.*?)```\n<!-- validate:end -->/s.exec(readme)?.[1]?.trimEnd().split('\n') ?? [];
  expect(shown.length).toBeGreaterThan(10);
  await withDatabase(await migrated(NEWEST), async (client) => {
    await client.query('alter table carts add note text; drop index idx_orders_status');
    const plain = { ...made, release: { ...made.release, ignore: [] } };
    const found = await readDatabase(client, { made: plain, checks, columnOrder: 'ignored' });
    const lines = text(found).split('\n');
    for (const line of shown) {
      if (line === '...') lines.splice(0, lines.length - 1);
      else if (line.endsWith('...')) expect(lines.shift()).toContain(line.slice(0, -3));
      else expect(lines.shift()).toBe(line);
    }
    expect(lines).toEqual([]);
  });
});

test('a broken promise is no equality, and the order of columns is compared when asked', async () => {
  await withDatabase(await migrated(NEWEST), async (client) => {
    await client.query(`insert into carts (id, customer_id) values (77, 'by hand');
      alter table carts drop customer_id; alter table carts add customer_id varchar(255) not null default 'x' unique;
      alter table carts alter customer_id drop default; create index idx_carts_customer_id on carts (customer_id)`);
    const found = await validate(client);
    expect(found).toMatchObject({ equal: false, schema: { equal: true } });
    expect(text(found)).toMatch(/next-numbers\.sql: BROKEN\..*of carts: It returned .*: 1 promise is broken\./s);
    const { schema } = await validate(client, 'compared');
    expect(schema.differences).toMatchObject([{ kind: 'table', name: 'public.carts' }]);
  });
});

test('comparing takes one round trip where nothing differs and two where something does; nothing is written', async () => {
  await withDatabase(await migrated(NEWEST), async (client) => {
    await client.query('set default_transaction_read_only = on');
    const sent = roundTrips(client);
    const comparing = async () => {
      sent.length = 0;
      await validate(client);
      return sent.filter((sql) => sql.includes('repeatable read'));
    };
    expect(await comparing()).toHaveLength(1);
    await client.query('begin read write; alter table carts add note text; commit');
    // The third is for who wrote what differs.
    expect(await comparing()).toHaveLength(3);
  });
});

test('a role that only reads sees the same as the one that migrates', async () => {
  await withDatabase(await migrated(NEWEST), async (client) => {
    await client.query(`create role looker; grant usage on schema carthub_db to looker; grant select on all tables in schema carthub_db to looker;
      grant pg_read_all_data, pg_monitor to looker`);
    await client.query('set role looker');
    const { schema, version } = await validate(client);
    expect({ equal: schema.equal, version }).toEqual({ equal: true, version: NEWEST });
  });
});

test.each([
  [
    'has no such version',
    `insert into carthub_db.schemaversion (version, name) values (12, 'later')`,
    'The database is at version 12; this release ends at 11.',
  ],
  [
    'has the file otherwise',
    `update carthub_db.schemaversion set sha256 = repeat('0', 64) where version = 3`,
    '003.do.index-carts.sql was changed after it was applied',
  ],
  [
    'has one more before',
    'delete from carthub_db.schemaversion where version = 3',
    '003.do.index-carts.sql is not applied, but version 11',
  ],
])('a history of which the folder %s is wrong usage, and says which', async (_, sql, message) => {
  await withDatabase(await migrated(NEWEST), async (client) => {
    await client.query(sql);
    await expect(validate(client)).rejects.toMatchObject({
      name: 'ForeignHistoryError',
      message: expect.stringContaining(message),
      remedy: expect.any(String),
    });
  });
});

test('where nobody knows what the schema should be, it says so, and which file is the reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  try {
    await writeFile(join(folder, '1.do.a.sql'), 'create table a (id int); select 1/0;');
    const files = await readMigrations(folder);
    const unproven = await makeRelease({ files, ignore: [], cache: null, context: testContext().context });
    await withDatabase(await postgres.freshDatabase(), async (client) => {
      await client.query(`${CREATE_OWN_TABLES}; insert into carthub_db.schemaversion (version, name) values (1, 'a')`);
      await expect(readDatabase(client, { made: unproven, checks: [], columnOrder: 'ignored' })).rejects.toMatchObject({
        name: 'UnknownSchemaError',
        message: expect.stringContaining(
          'version 1 should be: 1.do.a.sql fails on an empty database: division by zero',
        ),
      });
      // What the last run left is known all the same.
      const left = { run: 'run-1', version: 1, schema: await readDocument(client, {}) };
      const now = () => readDatabase(client, { made: unproven, checks: [], columnOrder: 'ignored', left });
      expect(await now()).toMatchObject({ equal: true, asLeftBy: 'run-1' });
      await client.query('create table by_hand ()');
      const found = { database: 'carthub', ...(await now()) };
      expect(validationLines(found, { flags: '', colours: false }).at(-1)).toMatch(
        /^carthub at version 1: 1 object is not as run run-1 left it\./,
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
