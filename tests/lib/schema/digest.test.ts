import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { schemaDigest, schemaObjects } from '../../../lib/schema/digest.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

async function digestOf(sql: string): Promise<string> {
  return withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(sql);
    return schemaDigest(client);
  });
}

async function changes(client: Client, sql: string): Promise<boolean> {
  const before = await schemaDigest(client);
  await client.query(sql);
  return (await schemaDigest(client)) !== before;
}

const STRANGE = `
create schema app;
create type app.mood as enum ('sad', 'ok');
create domain app.age as integer default 1 check (value > 0);
create type app.pair as (a integer, b text collate "C");
create type app.span as range (subtype = float8, subtype_diff = float8mi);
create sequence app.numbers increment 5 cycle maxvalue 100;
create table app.t (id bigint generated always as identity primary key, m app.mood default 'ok', age app.age,
  status varchar(20) check (status in ('a', 'b''c', 'd[e]')), twice integer generated always as (2) stored, unique (m, age));
create table app.parted (id integer, at date not null, primary key (id, at)) partition by range (at);
create table app.parted_1 partition of app.parted for values from ('2020-01-01') to ('2021-01-01');
create table app.child () inherits (app.t);
create index on app.t using hash (m) where status in ('a', 'b');
create view app.v with (security_barrier) as select * from app.t where status in ('a', 'b');
create materialized view app.mv as select count(*) from app.t;
create function app.f(a integer default 1, variadic b text[] default '{}') returns setof app.t language sql begin atomic select * from app.t; end;
create procedure app.p() language plpgsql as $$ begin commit; end $$;
create aggregate app.total(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create function app.wf() returns bigint language internal window immutable strict as 'window_row_number';
create function app.tf() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger tr before update on app.t for each row when (old.m is distinct from new.m) execute function app.tf();
create rule ru as on delete to app.v do instead nothing;
alter table app.t enable row level security;
create policy po on app.t for select to public using (m = 'ok');
create statistics app.st on id, status from app.t;
create extension postgres_fdw;
create server other foreign data wrapper postgres_fdw options (host 'nowhere');
create foreign table app.ft (id integer options (column_name 'x')) server other options (table_name 'y');
create extension hstore schema app;
create table "we""ird.Schema name" ("a.b" text);
create operator app.=== (leftarg = integer, rightarg = integer, function = int4eq);
create event trigger et on ddl_command_end execute function app.ev();
`;

test('it takes every kind of object without failing, and lists each', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(
      `create schema app; create function app.ev() returns event_trigger language plpgsql as $$ begin end $$;${STRANGE.replace('create schema app;', '')}`,
    );
    const kinds = new Set((await schemaObjects(client)).map((line) => line.split('\t')[0]));
    expect([...kinds].sort()).toEqual(
      [
        ...['column', 'constraint', 'domain', 'enum', 'event trigger', 'extension', 'index', 'policy', 'range'],
        ...['relation', 'routine', 'rule', 'schema', 'sequence', 'statistics', 'trigger', 'view'],
      ].sort(),
    );
    expect(await schemaDigest(client)).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('members of an extension stand for nothing but its name and version', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query('create extension hstore; create extension pgcrypto');
    expect(await schemaObjects(client)).toEqual([
      expect.stringMatching(/^extension\thstore\t/),
      expect.stringMatching(/^extension\tpgcrypto\t/),
      expect.stringMatching(/^extension\tplpgsql\t/),
      'schema\tpublic\t',
    ]);
  });
});

test('it does not depend on the order in which objects and columns were made', async () => {
  const one = await digestOf('create table a (x integer, y text); create table b (z integer); create index i on b (z)');
  const two = await digestOf(
    'create table b (z integer); create index i on b (z); create table a (y text); alter table a add x integer',
  );
  expect(two).toBe(one);
});

test('do, undo, do leaves it as it was', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query('create table t (id serial primary key, a text, b integer)');
    const up =
      'alter table t add c varchar(9) not null default 1; create index ic on t (c); create view v as select id, c from t';
    await client.query(up);
    const first = await schemaDigest(client);
    await client.query('drop view v; alter table t drop c');
    expect(await changes(client, up)).toBe(true);
    expect(await schemaDigest(client)).toBe(first);
  });
});

test('it does not depend on the search path, and leaves it as it was inside a transaction', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create schema app; create type app.mood as enum ('a'); create table app.t (m app.mood default 'a', check (m = 'a'));
      create table public.u (m app.mood); create view v as select * from app.t`);
    const plain = await schemaDigest(client);
    await client.query('set search_path = app, public');
    expect(await schemaDigest(client)).toBe(plain);
    await client.query('begin');
    expect(await schemaDigest(client)).toBe(plain);
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'app, public' }]);
    await client.query('commit');
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'app, public' }]);
  });
});

test('what the server prints, read back, gives the same digest, as after dump and restore', async () => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create table t (status varchar(50) default 'a', constraint c check (status in ('a', 'it''s', 'x]y')));
      create view v as select * from t where status not in ('a', 'b'); create index i on t (status) where status in ('a', 'b')`);
    const before = await schemaDigest(client);
    const read = async (sql: string) => String((await client.query(`select (${sql}) as text`)).rows[0].text);
    const check = await read(`select pg_get_constraintdef(oid) from pg_constraint where conname = 'c'`);
    const view = await read(`pg_get_viewdef('v'::regclass)`);
    const index = await read(`pg_get_indexdef('i'::regclass)`);
    await client.query(`alter table t drop constraint c; alter table t add constraint c ${check};
      drop view v; create view v as ${view}; drop index i; ${index}`);
    expect(await read(`select pg_get_constraintdef(oid) from pg_constraint where conname = 'c'`)).not.toBe(check);
    expect(await schemaDigest(client)).toBe(before);
  });
});

test.each([
  ['a column type', 'alter table t alter k type bigint'],
  ['nullability', 'alter table t alter a set not null'],
  ['a default', 'alter table t alter n set default 2'],
  ['a default that was dropped', 'alter table t alter n drop default'],
  ['identity', 'alter table t alter k drop identity'],
  ['a constraint', 'alter table t drop constraint positive'],
  [
    'a constraint that is not validated',
    'alter table t drop constraint positive; alter table t add constraint positive check (n > 0) not valid',
  ],
  [
    'a constraint with another list of values',
    `alter table t drop constraint listed; alter table t add constraint listed check (a in ('x', 'z'))`,
  ],
  ['an index', 'drop index i'],
  ['an index that is not valid', `update pg_index set indisvalid = false where indexrelid = 'i'::regclass`],
  [
    'the body of a function',
    `create or replace function f() returns trigger language plpgsql as $$ begin return null; end $$`,
  ],
  ['a trigger switched off', 'alter table t disable trigger tr'],
  ['a view', 'create or replace view v as select a, 2 as one from t'],
  ['a sequence', 'alter sequence s increment 7'],
  ['a value of an enum', `alter type e add value 'z'`],
  [
    'the order of an enum',
    `alter type e rename value 'x' to 'q'; alter type e rename value 'y' to 'x'; alter type e rename value 'q' to 'y'`,
  ],
  ['a domain', 'alter domain d drop not null'],
  ['a policy', 'drop policy p on t'],
])('it sees a change of %s', async (_, sql) => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create table t (a text, n integer default 1, k integer generated always as identity,
        constraint positive check (n > 0), constraint listed check (a in ('x', 'y')));
      create index i on t (a); create sequence s; create type e as enum ('x', 'y'); create domain d as integer not null;
      create function f() returns trigger language plpgsql as $$ begin return new; end $$;
      create trigger tr before insert on t for each row execute function f(); create view v as select a, 1 as one from t;
      create policy p on t using (n = 1)`);
    expect(await changes(client, sql)).toBe(true);
  });
});

test.each([
  ['rows and sequence positions', `insert into t values (1); select nextval('s')`],
  ['our own tables', 'create schema carthub_db; create table carthub_db.journal (id integer)'],
  ['temporary objects', 'create temp table temporary (id integer)'],
  ['comments', `comment on table t is 'x'`],
  ['owners and grants', 'grant select on t to public'],
])('it does not see %s', async (_, sql) => {
  await withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query('create table t (id integer); create sequence s');
    expect(await changes(client, sql)).toBe(false);
  });
});
