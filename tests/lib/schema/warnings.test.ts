import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import type { Credentials } from '../../../lib/postgres/credentials.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { readWarnings } from '../../../lib/schema/warnings/read-warnings.ts';
import type { Warning } from '../../../lib/schema/warnings/warning.ts';
import { migrate, NEWEST } from '../../support/checks.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres({ wal_level: 'logical', max_prepared_transactions: '5', log_statement: 'ddl' });
});
afterAll(() => postgres.stop());

/** As on a server that forces TLS, which the one of the tests does not. */
async function warningsOf(client: Client, limits: Parameters<typeof readWarnings>[1] = {}): Promise<Warning[]> {
  await client.query(`set rds.force_ssl = '1'`);
  return readWarnings(client, limits);
}

async function after(sql: string, limits: Parameters<typeof readWarnings>[1] = {}): Promise<Warning[]> {
  return withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(sql);
    return warningsOf(client, limits);
  });
}

test('a healthy database gives one warning: the index that the contract of the services names twice', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await migrate(client, { above: 0, to: NEWEST });
    expect(await warningsOf(client)).toEqual([
      {
        about: 'duplicate index',
        object: 'public.idx_carts_customer_id',
        message:
          'The index public.idx_carts_customer_id on public.carts repeats public.carts_customer_id_key. It costs every write, and finds nothing that public.carts_customer_id_key would not.',
        remedy: 'Drop it in a migration: DROP INDEX CONCURRENTLY public.idx_carts_customer_id',
      },
    ]);
  });
});

const KEYED = 'create table t (id integer primary key, a text, b text);';

test.each<[about: Warning['about'], sql: string, object: string | null]>([
  [
    'invalid index',
    `${KEYED} create index i on t (a); update pg_index set indisvalid = false where indexrelid = 'i'::regclass`,
    'public.i',
  ],
  [
    'unused index',
    `${KEYED} insert into t select n, repeat(n::text, 20) from generate_series(1, 30000) n; create index "I 1" on t (a)`,
    'public."I 1"',
  ],
  [
    'duplicate index',
    `${KEYED} create index i1 on t (a, lower(b)) where a > ''; create index i2 on t (a, lower(b)) where a > ''`,
    'public.i2',
  ],
  ['unlogged table', 'create unlogged table "T" (id integer primary key)', 'public."T"'],
  ['table without a key', 'create table t (id integer unique, a text)', 'public.t'],
  [
    'table without a key',
    'create table t (id integer not null, a text); create unique index on t (id) where a is null',
    'public.t',
  ],
  [
    'subscription',
    `create subscription s connection 'host=nowhere' publication p with (connect = false, slot_name = none)`,
    's',
  ],
  [
    'cron job',
    `create schema cron; create table cron.job (jobid bigint primary key, schedule text, username text, active boolean, database text); insert into cron.job values (7, '0 3 * * *', 'postgres', true, current_database())`,
    'job 7',
  ],
  ['audit', `set log_statement = 'none'`, null],
  [
    'TLS',
    `create schema fake; create view fake.pg_stat_ssl as select pid, false as ssl from pg_stat_activity; create view fake.pg_stat_activity as select pid, '10.0.0.1'::inet as client_addr, datname, usename, application_name, state, xact_start, backend_type from pg_catalog.pg_stat_activity; set search_path = fake, pg_catalog, public`,
    null,
  ],
  [
    'replication lag',
    `create schema fake; create view fake.pg_stat_replication as select 'standby' as application_name, null::inet as client_addr, '0/0'::pg_lsn as replay_lsn, interval '2 minutes' as replay_lag; set search_path = fake, pg_catalog, public`,
    'standby',
  ],
])('%s is told after %s', async (about, sql, object) => {
  expect((await after(sql)).map((warning) => [warning.about, warning.object])).toEqual([[about, object]]);
});

test.each([
  [
    'one index with a constraint and one without, of other columns',
    `${KEYED} create index on t (a); create index on t (a, b); create index on t (b); create index on t (a) where b is null`,
  ],
  ['a key that is unique and required', 'create table t (id integer not null unique)'],
  [
    'partitions, which have the key of their parent',
    'create table t (id integer primary key) partition by range (id); create table t1 partition of t default',
  ],
  [
    'tables of extensions and our own',
    'create schema carthub_db; create table carthub_db.x (); create extension pg_stat_statements',
  ],
  ['an index that is small and not used', `${KEYED} create index on t (a)`],
  ['pgaudit in place of log_statement', `set log_statement = 'none'; set pgaudit.log = 'ddl'`],
])('nothing is told of %s', async (_, sql) => {
  expect(await after(sql)).toEqual([]);
});

test('a transaction that stays open is told by who holds it, without its statement; one that is young is not', async () => {
  const credentials: Credentials = await postgres.freshDatabase();
  await withDatabase(credentials, (other) =>
    withDatabase(credentials, async (client) => {
      await other.query(`set application_name = 'report'; begin; select 'secret'`);
      expect(await warningsOf(client)).toEqual([]);
      const [warning] = await warningsOf(client, { transactionSeconds: 0 });
      expect(warning).toMatchObject({ about: 'long transaction', object: expect.stringMatching(/^pid \d+$/) });
      expect(warning?.message).toMatch(/^A transaction of postgres \(report\) is open for 0 s, idle in transaction\./);
      expect(JSON.stringify(warning)).not.toContain('secret');
    }),
  );
});

test('a prepared transaction is told until it is over', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`begin; create table t (id integer primary key); prepare transaction 'it''s'`);
    expect(await warningsOf(client)).toMatchObject([
      { about: 'prepared transaction', object: `it's`, remedy: expect.stringContaining(`ROLLBACK PREPARED 'it''s'`) },
    ]);
    await client.query(`rollback prepared 'it''s'`);
    expect(await warningsOf(client)).toEqual([]);
  });
});

test('a slot that nobody reads is told, with the WAL that it keeps', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`select pg_create_physical_replication_slot('forgotten', true)`);
    expect(await warningsOf(client)).toMatchObject([{ about: 'idle replication slot', object: 'forgotten' }]);
    await client.query(`select pg_drop_replication_slot('forgotten')`);
  });
});

test('connections are told when most are in use', async () => {
  const warnings = await after('select 1', { connectionShare: 0 });
  expect(warnings).toMatchObject([
    { about: 'connections', message: expect.stringMatching(/^\d+ of 197 connections are in use\.$/) },
  ]);
});

test('TLS that is off is told where nothing says that it is forced', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    expect(await readWarnings(client)).toMatchObject([{ about: 'TLS', message: expect.stringContaining('off') }]);
    await client.query(`set rds.force_ssl = '0'`);
    expect(await readWarnings(client)).toMatchObject([
      { about: 'TLS', message: expect.stringContaining('not forced') },
    ]);
  });
});

test('what a role may not look at is a warning itself, and stops none of the others', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(
      `create table t (); create schema cron; create table cron.job (id integer primary key); create role nobody_much; set role nobody_much`,
    );
    expect((await warningsOf(client)).map(({ about, message }) => `${about}: ${message}`)).toEqual([
      expect.stringMatching(/^table without a key: /),
      expect.stringMatching(/^cron job: Nobody knows .*permission denied/),
    ]);
  });
});

test('settings that reach into the sessions which migrate are told, and who may write in our own schema', async () => {
  const at = await postgres.freshDatabase();
  await withDatabase(at, async (client) => {
    await client.query(`alter database "${at.dbname}" set search_path = app, public`);
    await client.query(`alter database "${at.dbname}" set work_mem = '8MB'`);
    await client.query(CREATE_OWN_TABLES);
    await client.query(`create role reader_of_ours; create role writer_of_ours;
      grant usage on schema carthub_db to reader_of_ours; grant select on carthub_db.journal to reader_of_ours;
      grant select, update on carthub_db.fence to writer_of_ours; grant select on carthub_db.schemaversion to public`);
  });
  await withDatabase(at, async (client) => {
    const found = (await warningsOf(client)).map(({ about, object, remedy }) => [about, object, remedy]);
    expect(found.filter(([about]) => about === 'session setting' || about === 'own schema')).toEqual([
      ['session setting', 'search_path', expect.stringContaining('RESET search_path')],
      ['own schema', 'carthub_db.fence', 'REVOKE UPDATE ON carthub_db.fence FROM writer_of_ours'],
      ['own schema', 'carthub_db.schemaversion', 'REVOKE SELECT ON carthub_db.schemaversion FROM PUBLIC'],
    ]);
    await client.query('drop owned by reader_of_ours, writer_of_ours; drop role reader_of_ours, writer_of_ours');
  });
});
