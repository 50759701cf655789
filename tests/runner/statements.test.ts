import { expect, test } from '@jest/globals';
import { withDatabase } from '../support/postgres.ts';
import { change, column, journalOf, stepsOf, useBench, versions } from './bench.ts';

const bench = useBench();

const alone = (sql: string) => `-- carthub: no-transaction\n${sql}`;

test.concurrent('a statement that the server refuses is noted, what was done stays, and a later run goes on from there', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create table a (id integer primary key)');
  const files = {
    '001.do.a.sql': alone('insert into a values (1);\ninsert into a select 7 from b;\ninsert into a values (3);'),
  };
  const failed = await bench.run({ database, files });
  expect(failed).toMatchObject({
    exit: 1,
    verdict: {
      version: { before: null, after: null },
      error: {
        name: 'SqlError',
        message: 'relation "b" does not exist (SQLSTATE 42P01)',
        place: { file: '001.do.a.sql', line: 3, column: 29 },
      },
    },
  });
  expect(await stepsOf(database, failed)).toEqual(['1.1 intent', '1.1 done', '1.2 intent', '1.2 refused']);
  expect((await journalOf(database, failed)).at(-1)?.detail).toEqual({
    sqlState: '42P01',
    mayHaveCommitted: false,
    droppedIndexes: [],
  });

  await change(database, 'create table b (x integer)');
  await change(database, 'insert into b default values');
  const resumed = await bench.run({ database, files });
  expect(resumed).toMatchObject({ exit: 0, verdict: { version: { before: null, after: 1 } } });
  expect(await stepsOf(database, resumed)).toEqual(['1.2 intent', '1.2 done', '1.3 intent', '1.3 done']);
  expect(await column(database, 'select id from a order by 1')).toEqual([1, 3, 7]);
});

test.concurrent('a lone CREATE INDEX CONCURRENTLY needs no first line: its release is taken, and it runs without a transaction', async () => {
  const database = await bench.freshDatabase();
  const files = {
    '001.do.a.sql': 'create table a (id integer)',
    '002.do.b.sql': '-- for the search\ncreate index concurrently a_id on a (id);\n',
  };
  const ended = await bench.run({ database, files });
  expect(ended).toMatchObject({ exit: 0, verdict: { version: { before: null, after: 2 }, error: null } });
  expect(await column(database, `select indisvalid from pg_index where indexrelid = 'a_id'::regclass`)).toEqual([true]);
});

const CREATED = 'create table a (id integer);';

test.concurrent.each([
  ['in the statement that the server refused', `${CREATED}\n-- better\nselect 1;\nselect 2`],
  ['so that nothing comes after what is done', `${CREATED}\n`],
])('a file that was left in the middle and is changed %s goes on there', async (_, after) => {
  const database = await bench.freshDatabase();
  await bench.run({ database, files: { '001.do.a.sql': alone(`${CREATED}\nselect 1/0`) } });
  const ended = await bench.run({ database, files: { '001.do.a.sql': alone(after) } });
  expect(ended).toMatchObject({ exit: 0, verdict: { version: { after: 1 }, error: null } });
  expect(await stepsOf(database, ended)).not.toContain('1.1 intent');
});

test.concurrent.each([
  ['in what is done', alone('create table a (id bigint);\nselect 1'), 'Statement 1 of 001.do.a.sql is not the one', 2],
  ['so that what is done is gone', alone('-- nothing'), '001.do.a.sql has no statement 1 any more', null],
  ['so that it runs in one transaction', `${CREATED}\nselect 1`, 'is to run in one transaction now', null],
])(
  'a file that was left in the middle and is changed %s is refused, and says where',
  async (_, after, message, line) => {
    const database = await bench.freshDatabase();
    const first = await bench.run({ database, files: { '001.do.a.sql': alone(`${CREATED}\nselect 1/0`) } });
    const ended = await bench.run({ database, files: { '001.do.a.sql': after } });
    expect(ended).toMatchObject({
      exit: 1,
      verdict: {
        error: { name: 'PartlyAppliedFileChangedError', message: expect.stringContaining(message), place: { line } },
      },
    });
    expect(ended.verdict?.error?.message).toContain(first.run);
    expect(await stepsOf(database, ended)).toEqual([]);
  },
);

test.concurrent('a release without the file that was left in the middle, or with one before it, is refused', async () => {
  const database = await bench.freshDatabase();
  await bench.run({ database, files: { '002.do.a.sql': alone(`${CREATED}\nselect 1/0`) } });
  const without = await bench.run({ database, files: { '003.do.b.sql': 'select 1' } });
  expect(without.verdict?.error).toMatchObject({
    name: 'MissingFileError',
    message: expect.stringContaining('002.do.a.sql was begun'),
  });
  const files = { '001.do.late.sql': 'select 1', '002.do.a.sql': alone(CREATED) };
  expect((await bench.run({ database, files })).verdict?.error).toMatchObject({ name: 'LateFileError' });
});

test.concurrent('a file of which nothing is done may be changed after the server refused it', async () => {
  const database = await bench.freshDatabase();
  await bench.run({ database, files: { '001.do.a.sql': alone('select 1/0') } });
  const ended = await bench.run({ database, files: { '001.do.a.sql': alone('select 1') } });
  expect(ended).toMatchObject({ exit: 0, verdict: { version: { after: 1 } } });
});

test.concurrent('an index that a failed CREATE INDEX CONCURRENTLY leaves is dropped, and an invalid one of others is left alone', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create table "T a" (id integer); insert into "T a" values (1), (1)');
  await withDatabase(database, async (client) => {
    await expect(client.query('create unique index concurrently theirs on "T a" (id)')).rejects.toThrow('theirs');
  });
  const files = { '001.do.a.sql': alone('create unique index concurrently "My index" on "T a" (id)') };
  const failed = await bench.run({ database, files });
  expect(failed.verdict?.error).toMatchObject({ name: 'SqlError', message: expect.stringContaining('SQLSTATE 23505') });
  expect((await journalOf(database, failed)).at(-1)?.detail).toEqual({
    sqlState: '23505',
    mayHaveCommitted: false,
    droppedIndexes: ['"public"."My index"'],
  });
  const indexes = 'select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid where not indisvalid';
  expect(await column(database, indexes)).toEqual(['theirs']);

  await change(database, 'truncate "T a"');
  expect(await bench.run({ database, files })).toMatchObject({ exit: 0 });
  expect(await column(database, indexes)).toEqual(['theirs']);
});

test.concurrent.each([
  ['INDEX', () => 'index concurrently i'],
  ['SCHEMA', () => 'schema concurrently public'],
  ['DATABASE', (name: string) => `database concurrently ${name}`],
])('an index that a failed REINDEX %s CONCURRENTLY leaves is dropped', async (_, what) => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table a (id integer); insert into a values (1);
     create function f(integer) returns integer language plpgsql immutable as $$ begin return 1; end $$;
     create index i on a (f(id));
     create or replace function f(integer) returns integer language plpgsql immutable as $$ begin raise 'no'; end $$`,
  );
  const files = { '001.do.a.sql': alone(`reindex ${what(database.dbname)}`) };
  const failed = await bench.run({ database, files });
  expect((await journalOf(database, failed)).at(-1)?.detail).toMatchObject({
    mayHaveCommitted: false,
    droppedIndexes: ['"public"."i_ccnew"'],
  });
  expect(await column(database, 'select count(*)::integer from pg_index where not indisvalid')).toEqual([0]);
});

test.concurrent('what may commit on its way and then fails is noted as such', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table a (id integer); create procedure p() language plpgsql as $$ begin
       insert into a values (1); commit; raise exception 'no'; end $$`,
  );
  const failed = await bench.run({ database, files: { '001.do.a.sql': alone('call p()') } });
  expect((await journalOf(database, failed)).at(-1)).toMatchObject({
    state: 'refused',
    detail: { sqlState: 'P0001', mayHaveCommitted: true },
  });
  expect(failed.verdict?.error?.message).toBe('no (SQLSTATE P0001)\nIn: PL/pgSQL function p() line 2 at RAISE');
  expect(await column(database, 'select id from a')).toEqual([1]);
  expect(await versions(database)).toEqual([]);
});

test.concurrent('a setting of one statement holds for the next, and for no other file', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': alone(
        `set search_path = pg_catalog;\ncreate table public.a as select current_setting('search_path') as path`,
      ),
      '002.do.b.sql': `insert into a values (current_setting('search_path'))`,
    },
  });
  expect(ended.verdict?.error).toBeNull();
  expect(await column(database, 'select path from a')).toEqual(['pg_catalog', '"$user", public']);
});

test.concurrent('a change of rows is one transaction with its end, which tells what it did to which table', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table a (id integer primary key, n integer); insert into a select i, 0 from generate_series(1, 5) i; create table log (id integer);
     create function note() returns trigger language plpgsql as $$
       begin begin insert into log values (new.id); exception when others then raise; end; return null; end $$;
     create constraint trigger t after update on a deferrable initially deferred for each row execute function note();
     create table unlike (id integer unique deferrable initially deferred); insert into unlike values (1)`,
  );
  const files = {
    '001.do.a.sql': alone(`update a set n = 1 where id < 3;
      with gone as (delete from a where id = 5 returning *) select * from gone;
      create index concurrently i on a (n);
      insert into unlike values (1)`),
  };
  const ended = await bench.run({ database, files });
  expect(ended.verdict?.error).toMatchObject({
    name: 'SqlError',
    message: expect.stringContaining('SQLSTATE 23505'),
    place: { line: 5, column: 7 },
  });
  const journal = (await journalOf(database, ended)).filter(({ state }) => state !== 'intent');
  const statement = expect.any(String);
  const nothing = { rewritten: [], dropped: [], statement };
  expect(journal.map(({ step, state, detail }) => ({ step, state, ...detail, subtransactions: undefined }))).toEqual([
    {
      ...{ step: 1, state: 'done', ...nothing },
      tables: {
        'public.a': { inserted: 0, updated: 2, deleted: 0 },
        'public.log': { inserted: 2, updated: 0, deleted: 0 },
      },
    },
    { step: 2, state: 'done', ...nothing, tables: { 'public.a': { inserted: 0, updated: 0, deleted: 1 } } },
    { step: 3, state: 'done', statement },
    { step: 4, state: 'refused', sqlState: '23505', mayHaveCommitted: false, droppedIndexes: [] },
  ]);
  const [first, second] = journal;
  expect(await column(database, 'select distinct xmin::text from a where n = 1')).toEqual([first?.xid]);
  // Its trigger's work carries ids of subtransactions, between which nobody else had any here.
  const [own] = first?.detail && 'subtransactions' in first.detail ? first.detail.subtransactions : [];
  const of = (await column(database, 'select xmin::text from log')).map(Number);
  expect(of.every((xid) => xid >= Number(own?.from) && xid < Number(own?.below))).toBe(true);
  expect(Number(second?.xid)).toBeGreaterThan(Number(own?.below));
});
