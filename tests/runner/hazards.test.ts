import { expect, test } from '@jest/globals';
import { change, column, useBench, versions, withProxy } from './bench.ts';

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
