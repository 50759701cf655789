import { expect, test } from '@jest/globals';
import { change, column, useBench, versions } from './bench.ts';

const bench = useBench();

const FINE = { '001.do.fine.sql': 'create table fine (id integer)' };

test.each([
  ['COMMIT', 'delete from fine;\ncommit;\nselect 1/0', 'TransactionControlError', 2, 1],
  ['CREATE INDEX CONCURRENTLY', 'select 1;\ncreate index concurrently i on fine (id)', 'NeedsNoTransactionError', 2, 1],
  ['a command of psql', `select 'a';\n\\set x 1\n`, 'PsqlCommandError', 2, 1],
  ['what is no SQL', `select 'é', 1;\n\tselec 2`, 'MigrationSyntaxError', 2, 2],
])(
  '%s in a later file is refused, with its place, before an earlier one runs',
  async (_, sql, name, line, columnNumber) => {
    const database = await bench.freshDatabase();
    const ended = await bench.run({ database, files: { ...FINE, '002.do.bad.sql': sql } });
    expect(ended).toMatchObject({
      exit: 1,
      verdict: {
        result: 'failed',
        version: { before: null, after: null },
        files: [],
        error: {
          name,
          place: { file: '002.do.bad.sql', line, column: columnNumber, caret: expect.stringContaining('\n') },
        },
      },
    });
    expect(await versions(database)).toEqual([]);
    expect(await column(database, `select to_regclass('fine')`)).toEqual([null]);
    expect(await column(database, 'select id from carthub_db.journal')).toEqual([]);
    expect(await bench.document(`runs/${ended.run}/restore-point.json`)).toBeNull();
  },
);

test('what is no statement of transactions passes: words in strings, bodies, comments and names', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': `-- begin; commit
        /* rollback; /* commit; */ end; */
        create table "commit" ("begin" text default 'rollback; commit');
        create function f() returns integer language sql begin atomic select 1; select 2; end;
        create procedure p() language plpgsql as $body$ begin commit; end $body$;
        do $$ begin perform 1; end $$;
        create rule r as on insert to "commit" do also (notify a; notify b);
        insert into "commit" values (E'it\\'s; commit'), (U&'\\0061; commit'), ('a;''b;');
        notify pgrst, 'reload schema'; analyze "commit"; select pg_advisory_unlock(1); set local lock_timeout = '1s';
        set constraints all deferred; lock table "commit"; create type mood as enum ('a'); alter type mood add value 'b'`,
    },
  });
  expect(ended.verdict?.error).toBeNull();
});

test('what only the grammar of a younger PostgreSQL rejects is left to the server', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': 'create table a (system_user text); insert into a (system_user) values (1);',
      '002.do.b.sql': '-- carthub: no-transaction\ninsert into a (system_user) values (2);\nselect 1',
    },
  });
  expect(ended.verdict?.error).toBeNull();
  expect(await column(database, 'select count(*)::integer from a')).toEqual([2]);
});

test('a file that was changed, came late or is missing is refused by name', async () => {
  const database = await bench.freshDatabase();
  const files = { '002.do.a.sql': 'create table a (id integer)', '004.do.b.sql': 'select 1' };
  await bench.run({ database, files });
  const errors = [];
  for (const other of [
    { ...files, '002.do.a.sql': 'create table a (id bigint)' },
    { ...files, '003.do.c.sql': 'select 1' },
    { '002.do.a.sql': files['002.do.a.sql'], '005.do.c.sql': 'select 1' },
    { '002.do.a.sql': files['002.do.a.sql'] },
  ]) {
    errors.push((await bench.run({ database, files: other })).verdict?.error?.name);
  }
  expect(errors).toEqual(['ChangedFileError', 'LateFileError', 'MissingFileError', 'DatabaseAheadError']);
});

test('what a file gives up through a function is noticed: the run lock, and the journal row', async () => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create function give_up() returns void language plpgsql as $$ begin perform pg_advisory_unlock_all(); end $$;
     create function wipe() returns void language plpgsql as $$ begin delete from carthub_db.journal; end $$`,
  );
  const lost = await bench.run({ database, files: { '001.do.a.sql': 'select give_up()', '002.do.b.sql': 'select 1' } });
  expect(lost.verdict).toMatchObject({ version: { after: 1 }, error: { name: 'RunLockLostError' } });
  const wiped = await bench.run({
    database,
    files: { '001.do.a.sql': 'select give_up()', '002.do.b.sql': 'select wipe()' },
  });
  expect(wiped).toMatchObject({ exit: 1, verdict: { version: { after: 1 } } });
});
