import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backUp } from '../../../lib/backups/back-up.ts';
import { restoreDump } from '../../../lib/backups/restore-dump.ts';
import { createS3Store } from '../../../lib/backups/s3-store.ts';
import type { Credentials } from '../../../lib/postgres/connect.ts';
import { withAws } from '../../support/aws-command.ts';
import { type BackupBench, never, openBackupBench } from '../../support/backups.ts';
import { TOOL_PLACES, withPgTools } from '../../support/pg-tools.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

/** As RDS makes its master user. */
const MASTER = `create role rds_superuser; grant pg_monitor to rds_superuser with admin option;
  create role carthub login createdb createrole; grant rds_superuser to carthub;
  alter database template1 owner to carthub`;

const ROLES = `create role shop_app login connection limit 7 valid until '2050-01-01'; create role "Shop ""readers";
  create role power superuser bypassrls; grant "Shop ""readers" to shop_app with admin option;
  grant shop_app, "Shop ""readers" to carthub`;

const LONG = Array.from({ length: 60 }, (_, n) => `an_argument_of_a_long_name_${n} int`).join();

const SHOP = `grant usage, create on schema public to shop_app;
  create table plain (id int); insert into plain values (1);
  create schema own authorization shop_app;
  set role shop_app;
  create table orders (id serial primary key, "odd; OWNER TO " text); insert into orders (id) select generate_series(1, 20);
  create table lines (id int generated always as identity, "order" int references orders);
  create type mood as enum ('good'); create table own.kept (mood public.mood); insert into own.kept values ('good');
  create function f(a int default 1) returns int language sql as 'select 1';
  create function many(${LONG}) returns int language sql as 'select 1';
  grant select on orders to "Shop ""readers"`;

withPgTools('backups are restored by a master user who is no superuser', (tools) => {
  let bench: BackupBench;
  let source: TestPostgres;
  const targets: TestPostgres[] = [];
  beforeAll(async () => {
    [bench, source] = await Promise.all([openBackupBench(), startPostgres()]);
    const database = await source.freshDatabase();
    await withDatabase(database, (client) => client.query(`${MASTER}; ${ROLES}`));
    await withDatabase(database, (client) => client.query('create database shop owner carthub'));
    const master = { ...database, username: 'carthub', dbname: 'shop' };
    await withDatabase(master, (client) => client.query(SHOP));
    await backUp(bench.options(master, { id: 'shop' }));
  });
  afterAll(async () => {
    await bench.close();
    await Promise.all([source, ...targets].map((each) => each.stop()));
  });

  /** A new server, and its master user with an empty database. */
  async function newServer(): Promise<Credentials> {
    const postgres = await startPostgres();
    targets.push(postgres);
    const superuser = await postgres.freshDatabase();
    await withDatabase(superuser, (client) => client.query(MASTER));
    const master = { ...superuser, username: 'carthub' };
    await withDatabase({ ...master, dbname: 'postgres' }, (client) => client.query('create database target'));
    return { ...master, dbname: 'target' };
  }

  const restore = (target: Credentials, id = 'shop') =>
    restoreDump({
      ...{ documents: bench.documents, id, folder: bench.folder, stop: never, now: () => new Date() },
      log: () => undefined,
      store: createS3Store({ documents: bench.documents, encryptionKey: null, metadata: {}, stop: never }),
      target: { credentials: target, applicationName: 'restore', ca: null, connectTimeoutMs: 5_000 },
      tools: TOOL_PLACES,
    });

  test('an application that owns its tables comes back with its roles, its owners and its rights', async () => {
    const target = await newServer();
    const { globals } = await restore(target);
    expect(globals.created.sort()).toEqual(['Shop "readers', 'power', 'shop_app']);
    expect(globals.skipped).toEqual(
      expect.arrayContaining(['ALTER ROLE power WITH SUPERUSER', 'ALTER ROLE power WITH BYPASSRLS']),
    );
    await expectShop(target);
  });

  test('he gets it back by the steps in the manifest', async () => {
    const target = await newServer();
    const { restoreByHand } = (await backUp(bench.options(target, { id: 'shop' }))).manifest;
    const { stdout } = await withAws(bench.documents.s3, (path) =>
      promisify(execFile)('bash', ['-c', `set -e; ${restoreByHand.join('\n')}`], {
        cwd: path,
        env: {
          PATH: `${path}:${dirname(tools.dump)}:/usr/bin:/bin`,
          ...{ PGHOST: '127.0.0.1', PGPORT: `${target.port}`, PGUSER: 'carthub' },
        },
      }),
    );
    const [, errors, owners] = /Errors: (\d+), of owners: (\d+)/.exec(stdout) ?? [];
    expect([Number(errors) > 0, owners]).toEqual([true, errors]);
    await expectShop({ ...target, dbname: 'restored' });
  });

  test('an error that is none of an owner ends the restore, and is what is said of it', async () => {
    const database = await source.freshDatabase();
    await withDatabase(database, (client) =>
      client.query(`${SHOP}; reset role; create function c(int, int) returns int language internal as 'int4pl'`),
    );
    await backUp(bench.options(database, { id: 'internal' }));
    await expect(restore(await newServer(), 'internal')).rejects.toMatchObject({
      name: 'RestoreFailedError',
      message: expect.stringMatching(/permission denied for language internal/),
    });
  });
});

async function expectShop(target: Credentials): Promise<void> {
  await withDatabase(target, async (client) => {
    const { rows } = await client.query(`select relname as name, relowner::regrole::text as owner from pg_class
      where relnamespace in ('public'::regnamespace, 'own'::regnamespace) and relkind in ('r', 'S') order by 1`);
    expect(Object.fromEntries(rows.map(({ name, owner }) => [name, owner]))).toMatchObject({
      ...{ plain: 'carthub', orders: 'shop_app', orders_id_seq: 'shop_app', kept: 'shop_app' },
    });
    const roles = await client.query(`select rolcanlogin, rolconnlimit, rolsuper,
      pg_has_role('shop_app', 'Shop "readers', 'member with admin option') as admin from pg_roles where rolname = 'shop_app'`);
    expect(roles.rows).toEqual([{ rolcanlogin: true, rolconnlimit: 7, rolsuper: false, admin: true }]);
    expect((await client.query('select count(*)::int as rows from orders')).rows).toEqual([{ rows: 20 }]);
  });
}
