import { expect, test } from '@jest/globals';
import { readHistory } from '../../lib/migrations/history.ts';
import { restorePoint } from '../../lib/runs/restore-point.ts';
import { withDatabase } from '../support/postgres.ts';
import { change, column, journalOf, stepsOf, useBench, versions } from './bench.ts';

const bench = useBench();

test('it takes an empty database to the target, whole files first and statements one by one', async () => {
  const database = await bench.freshDatabase();
  const files = {
    '001.do.a.sql': 'create table a (id integer primary key); insert into a values (1), (2)',
    '002.do.b.sql':
      '-- carthub: no-transaction\ncreate index concurrently i on a (id);\nupdate a set id = id + 10; -- the end\n',
    '010.do.c.sql': '-- nothing to do here\n',
    '011.do.d.sql': '-- carthub: no-transaction\n-- nothing to do here\n',
  };
  const ended = await bench.run({ database, files });
  expect(ended).toMatchObject({
    exit: 0,
    verdict: { result: 'applied', version: { before: null, after: 11 }, error: null },
  });
  expect(ended.verdict?.files.map(({ version, file }) => [version, file])).toEqual([
    [1, '001.do.a.sql'],
    [2, '002.do.b.sql'],
    [10, '010.do.c.sql'],
    [11, '011.do.d.sql'],
  ]);
  expect(await column(database, 'select * from a order by 1')).toEqual([11, 12]);
  const history = await withDatabase(database, readHistory);
  expect(history.map(({ version, name, runId }) => [version, name, runId])).toEqual([
    [1, 'a', ended.run],
    [2, 'b', ended.run],
    [10, 'c', ended.run],
    [11, 'd', ended.run],
  ]);
  expect(await stepsOf(database, ended)).toEqual([
    ...['1.0 transaction', '2.1 intent', '2.1 done', '2.2 intent', '2.2 done', '10.0 transaction', '11.0 transaction'],
  ]);
  expect(await bench.document(`runs/${ended.run}/report.json`)).toEqual(ended.verdict);
});

test('a database at the target is left alone: no restore point, no journal row', async () => {
  const database = await bench.freshDatabase();
  const files = { '001.do.a.sql': 'create table a (id integer)' };
  await bench.run({ database, files });
  const again = await bench.run({ database, files });
  expect(again).toMatchObject({ exit: 0, verdict: { result: 'applied', version: { before: 1, after: 1 }, files: [] } });
  expect(await column(database, 'select count(*)::integer from carthub_db.journal')).toEqual([1]);
  expect(await bench.document(`runs/${again.run}/restore-point.json`)).toBeNull();
});

test('the journal tells what each file did to which table', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table kept (id integer); insert into kept values (1), (2), (3); create table emptied as table kept;
     create table rewritten as table kept; create table gone (id integer); create schema app; create table app."Odd" (id integer);
     create table late (id integer); create function later() returns trigger language plpgsql as $$
       begin insert into late values (new.id); return null; end $$;
     create constraint trigger t after insert on gone deferrable initially deferred for each row execute function later()`,
  );
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': `insert into kept values (4); update kept set id = 5 where id = 1; delete from kept where id = 2;
        insert into app."Odd" values (1); insert into gone values (1)`,
      '002.do.b.sql': `truncate emptied; alter table rewritten alter id type bigint; drop table gone; create table fresh as table kept`,
      // A subtransaction has an xid of its own.
      '003.do.c.sql': `do $$ begin begin truncate kept; exception when others then raise; end; end $$`,
      '004.do.d.sql': 'select * from kept',
    },
  });
  expect(ended.verdict?.error).toBeNull();
  const journal = await journalOf(database, ended);
  const one = { inserted: 1, updated: 0, deleted: 0 };
  // Where others had ids meanwhile, a bound of subtransactions is noted that were none of ours.
  expect(journal.map(({ detail }) => ({ ...detail, subtransactions: undefined }))).toEqual([
    {
      tables: {
        'public.kept': { inserted: 1, updated: 1, deleted: 1 },
        'app."Odd"': one,
        'public.gone': one,
        // By a trigger that was put off to the end.
        'public.late': one,
      },
      ...{ rewritten: [], dropped: [] },
    },
    {
      tables: { 'public.fresh': { inserted: 3, updated: 0, deleted: 0 } },
      rewritten: expect.arrayContaining(['public.emptied', 'public.rewritten']),
      dropped: ['public.gone'],
    },
    { tables: {}, rewritten: ['public.kept'], dropped: [] },
    { tables: {}, rewritten: [], dropped: [] },
  ]);
});

test('what a file sets, opens or makes for its session is gone in the next', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create role lesser; grant all on schema public to lesser');
  const leave = `set search_path = ''; set timezone = 'Asia/Tokyo'; set statement_timeout = '1h';
    set default_transaction_read_only = on; set session characteristics as transaction isolation level serializable;
    create temp table left_over (id integer); declare c cursor with hold for select 1; prepare p as select 1; listen x;
    set session_replication_role = replica; set role lesser`;
  const look = (name: string) => `create table ${name} as select current_setting('search_path') as path,
    current_setting('TimeZone') as zone, current_setting('client_encoding') as encoding, current_user as role,
    current_setting('transaction_isolation') as level, to_regclass('pg_temp.left_over') as temporary,
    (select count(*) from pg_cursors where is_holdable) as cursors, (select count(*) from pg_prepared_statements) as prepared,
    (select count(*) from pg_listening_channels()) as channels, current_setting('session_replication_role') as replication,
    current_setting('statement_timeout') as timeout`;
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': look('one'),
      '002.do.b.sql': leave,
      '003.do.c.sql': look('two'),
      '004.do.d.sql': `-- carthub: no-transaction\n${leave.replace(/set (default_transaction_read_only|role).*?(;|$)/g, '')}`,
      '005.do.e.sql': look('three'),
    },
  });
  expect(ended.verdict?.error).toBeNull();
  const all = 'select to_jsonb(t) from (table one union all table two union all table three) t';
  const [first, second, third] = await column(database, all);
  expect(first).toMatchObject({
    zone: 'UTC',
    encoding: 'UTF8',
    level: 'read committed',
    timeout: '0',
    temporary: null,
  });
  expect(second).toEqual(first);
  expect(third).toEqual(first);
});

test("settings of the role and the database do not reach the runner's own statements", async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `alter database ${database.dbname} set timezone = 'America/New_York';
     alter database ${database.dbname} set default_transaction_read_only = on;
     alter database ${database.dbname} set default_transaction_isolation = 'serializable';
     alter database ${database.dbname} set standard_conforming_strings = off;
     alter database ${database.dbname} set statement_timeout = 1;
     alter database ${database.dbname} set search_path = 'nowhere';`,
  );
  const ended = await bench.run({
    database,
    files: { '001.do.a.sql': 'create table public.a (id integer); select pg_sleep(0.1)' },
  });
  expect(ended).toMatchObject({ exit: 0 });
  await change({ ...database, dbname: 'postgres' }, `alter database ${database.dbname} reset all`);
  const offBy = 'select abs(extract(epoch from clock_timestamp() - run_at)) < 60 from carthub_db.schemaversion';
  expect(await column(database, offBy)).toEqual([true]);
});

test('the restore point is made before the first file, once a run, in the order that makes it one', async () => {
  const database = await bench.freshDatabase();
  const failing = { '001.do.a.sql': 'create table a as select clock_timestamp() as at', '002.do.b.sql': 'select 1/0' };
  const ended = await bench.run({ database, files: failing });
  const first = restorePoint.parse(await bench.document(`runs/${ended.run}/restore-point.json`));
  expect(first.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/);
  expect(first.heartbeatAt > first.time).toBe(true);
  expect(first.counts).toEqual({ since: expect.any(String), tables: {} });
  const order = `select pg_xact_status(xid) = 'committed' and not pg_visible_in_snapshot(xid, '${first.snapshot}')
    and at > '${first.heartbeatAt}' and pg_current_wal_lsn() > '${first.lsn}' from carthub_db.journal`;
  expect(await column(database, order)).toEqual([true]);

  await bench.run({ database, files: { ...failing, '002.do.b.sql': 'select 1' }, run: ended.run });
  expect(await bench.document(`runs/${ended.run}/restore-point.json`)).toEqual(first);
});

test('a second start of a run tells of the files of both', async () => {
  const database = await bench.freshDatabase();
  const files = { '001.do.a.sql': 'create table a (id integer)', '002.do.b.sql': 'select 1/0' };
  const { run } = await bench.run({ database, files });
  const again = await bench.run({ database, files: { ...files, '002.do.b.sql': 'select 1' }, run });
  expect(again.verdict).toMatchObject({
    version: { before: null, after: 2 },
    files: [{ file: '001.do.a.sql' }, { file: '002.do.b.sql' }],
  });
});

test('a file in which nothing ends its line as LF does, or begins with a byte order mark, is applied as it is', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': "\uFEFFcreate table a (t text);\r\ninsert into a values ('x\r\ny');\r\n",
      '002.do.b.sql': '\uFEFF-- carthub: no-transaction\r\ninsert into a values (1);\r\ninsert into a values (2);\r\n',
    },
  });
  expect(ended.verdict?.error).toBeNull();
  expect(await column(database, 'select t from a')).toEqual(['x\r\ny', '1', '2']);
  expect(await versions(database)).toEqual([1, 2]);
});

test('a file that selects more rows than fit into memory is applied', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: { '001.do.a.sql': `select repeat('x', 10000) from generate_series(1, 50000)` },
  });
  expect(ended).toMatchObject({ exit: 0 });
});

test('a role that owns the database, and is no superuser, can do all of it', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create role owner_of_${database.dbname} login; alter database ${database.dbname} owner to owner_of_${database.dbname}`,
  );
  const ended = await bench.run({
    database: { ...database, username: `owner_of_${database.dbname}` },
    files: {
      '001.do.a.sql': 'create table a (id integer); insert into a values (1)',
      '002.do.b.sql': '-- carthub: no-transaction\ncreate index concurrently i on a (id)',
    },
  });
  expect(ended.verdict?.error).toBeNull();
});
