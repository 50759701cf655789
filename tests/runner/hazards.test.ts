import { expect, test } from '@jest/globals';
import { change, column, journalOf, useBench, versions, withProxy } from './bench.ts';

/**
 * What postgrator 8 gets wrong, was seen to get wrong, and the runner must not. What concerns names and folders is for the
 * command line, which makes the release; two runs at once and the first run of many are in races.test.ts.
 */
const bench = useBench();

test.concurrent('what a file does and that it did it are committed together: a history row that fails takes the file along', async () => {
  const database = await bench.freshDatabase();
  await bench.run({ database, files: { '001.do.a.sql': 'select 1' } });
  await change(database, 'alter table carthub_db.schemaversion add check (version < 2)');
  const ended = await bench.run({
    database,
    files: { '001.do.a.sql': 'select 1', '002.do.b.sql': 'create table b ()' },
  });
  expect(ended).toMatchObject({ exit: 1, verdict: { version: { after: 1 } } });
  expect(await column(database, `select to_regclass('b')`)).toEqual([null]);
});

test.concurrent('a quote in a name is data', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: { "001.do.it's); drop table x.sql": 'select 1' } });
  expect(ended).toMatchObject({ exit: 0 });
  expect(await column(database, 'select name from carthub_db.schemaversion')).toEqual(["it's); drop table x"]);
});

test.concurrent('a file that empties the search path, as pg_dump writes it, is recorded, and the next finds its tables', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': `select pg_catalog.set_config('search_path', '', false); create table public.a (id integer)`,
      '002.do.b.sql': 'insert into a values (1)',
    },
  });
  expect(ended).toMatchObject({ exit: 0 });
  expect(await versions(database)).toEqual([1, 2]);
});

test.concurrent('a table of the same name in another schema is nobody, also when it comes first in the search path', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table schemaversion (version bigint, name text, md5 text, run_at timestamp); insert into schemaversion values (99);
     create table journal (); create table fence ()`,
  );
  const ended = await bench.run({ database, files: { '001.do.a.sql': 'select 1' } });
  expect(ended).toMatchObject({ exit: 0, verdict: { version: { before: null, after: 1 } } });
});

test.concurrent("a user's functions and operators do not stand in for the server's in our own statements", async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create function format(text, name, name) returns text language sql as $$ select 1/0 || '' $$;
     create function to_regclass(text) returns regclass language sql as $$ select null::regclass $$`,
  );
  const files = { '001.do.a.sql': 'create table a (id integer); insert into a values (1)' };
  expect(await bench.run({ database, files })).toMatchObject({ exit: 0 });
});

test.concurrent('advisory locks that a file takes and keeps are gone in the next, and the run lock is not', async () => {
  const database = await bench.freshDatabase();
  const take = `select pg_advisory_lock(7), pg_advisory_lock(7), pg_advisory_lock_shared(7), pg_advisory_lock(-5),
    pg_advisory_lock(-1, 2147483647), pg_advisory_lock_shared(3, -4), pg_advisory_lock(9223372036854775807)`;
  const look = (name: string) =>
    `create table ${name} as select mode, classid, objid from pg_locks where pid = pg_backend_pid() and locktype = 'advisory'`;
  const files = {
    ...{ '001.do.a.sql': look('before'), '002.do.b.sql': take, '003.do.c.sql': look('"between"') },
    ...{ '004.do.d.sql': `-- carthub: no-transaction\n${take};\n${look('during')}`, '005.do.e.sql': look('after') },
  };
  expect((await bench.run({ database, files })).verdict?.error).toBeNull();
  const counts = ['before', '"between"', 'during', 'after'].map((name) => `select count(*)::integer from ${name}`);
  expect(await column(database, counts.join(' union all '))).toEqual([1, 1, 7, 1]);
});

test.concurrent('a file that changes more rows than 32 bits can count is applied, and they are counted', async () => {
  const database = await bench.freshDatabase();
  // Nobody has the time for so many rows: the server's own count is made greater.
  await change(
    database,
    `create table a (id integer); create sequence billions increment 3000000000;
     create or replace function pg_catalog.pg_stat_get_xact_tuples_inserted(oid) returns bigint language sql
     as $$ select case when $1 = 'public.a'::regclass then nextval('public.billions') else 0 end $$`,
  );
  const ended = await bench.run({ database, files: { '001.do.a.sql': 'insert into a values (1)' } });
  expect(ended.verdict?.error).toBeNull();
  expect((await journalOf(database, ended))[0]?.detail).toMatchObject({
    tables: { 'public.a': { inserted: 3_000_000_000, updated: 0, deleted: 0 } },
  });
});

test.concurrent('what a statement does to the session by a function is taken back where the next would be read or recorded wrongly', async () => {
  const database = await bench.freshDatabase();
  const sql = `-- carthub: no-transaction
    create role lesser_${database.dbname};
    create function disguise() returns void language plpgsql as $$ begin
      perform set_config('client_encoding', 'LATIN1', false), set_config('application_name', 'x', false),
        set_config('role', 'lesser_${database.dbname}', false), set_config('work_mem', '5MB', false); end $$;
    select disguise();
    create table a as select 'é' as text, current_setting('application_name') like 'migrate-%' as named,
      current_user = session_user as own, current_setting('work_mem') as memory`;
  expect((await bench.run({ database, files: { '001.do.a.sql': sql } })).verdict?.error).toBeNull();
  expect(await column(database, 'select to_jsonb(a) from a')).toEqual([
    { text: 'é', named: true, own: true, memory: '5MB' },
  ]);
});

test.concurrent('SET and CREATE INDEX CONCURRENTLY go together in one file', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create table a (id integer)');
  const sql = `-- carthub: no-transaction\nset lock_timeout = '1h';\ncreate index concurrently i on a (id);`;
  expect(await bench.run({ database, files: { '001.do.a.sql': sql } })).toMatchObject({ exit: 0 });
});

test.concurrent('a run with nothing to do asks the database five times, however long the history', () =>
  withProxy(bench, async ({ through, proxy }) => {
    const files = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at + 1}.do.x.sql`, 'select 1']));
    await bench.run({ database: through, files });
    const before = proxy.statements.length;
    expect(await bench.run({ database: through, files })).toMatchObject({ exit: 0, verdict: { files: [] } });
    expect(proxy.statements.length - before).toBeLessThanOrEqual(5);
  }));

test.concurrent.each([
  [
    'many statements',
    Array.from({ length: 15_000 }, (_, id) => `insert into a values (${id}, 'name ${id}');`).join('\n'),
  ],
  [
    'one statement',
    `insert into a values ${Array.from({ length: 45_000 }, (_, id) => `(${id}, 'name ${id}')`).join(', ')}`,
  ],
])('a megabyte of SQL in %s stays far below the 256 MiB of the container', async (_, sql) => {
  const database = await bench.freshDatabase();
  const files = { '001.do.a.sql': 'create table a (id integer, name text)', '002.do.b.sql': sql };
  const ended = await bench.run({ database, files });
  expect(ended).toMatchObject({ exit: 0 });
  expect(Number(ended.log.at(-1)?.peakMiB)).toBeLessThan(200);
});
