import { expect, test } from '@jest/globals';
import { reason } from '../../runner/errors.ts';
import { withDatabase } from '../support/postgres.ts';
import { change, column, stepsOf, useBench, versions } from './bench.ts';

const bench = useBench();

async function errorOf(sql: string, before = '') {
  const database = await bench.freshDatabase();
  if (before) await change(database, before);
  const ended = await bench.run({ database, files: { '001.do.a.sql': sql } });
  expect(ended).toMatchObject({ exit: 1, verdict: { result: 'failed', version: { after: null } } });
  expect(await versions(database)).toEqual([]);
  expect(await stepsOf(database, ended)).toEqual([]);
  return { error: ended.verdict?.error, ended };
}

test.concurrent('an error with a position is shown at its line, with a caret below the very character', async () => {
  const { error } = await errorOf(`select 'é😀';\r\nselect 1;\r\n\tselect '漢', nothing\r\nfrom pg_class;\r\n`);
  expect(error).toEqual({
    name: 'SqlError',
    message: 'column "nothing" does not exist (SQLSTATE 42703)',
    remedy: 'Correct the file, or the data that it meets, and start again.',
    place: { file: '001.do.a.sql', line: 3, column: 14, caret: `\tselect '漢', nothing\n\t            ^` },
  });
});

test.concurrent('an error without a position is shown at the statement that failed', async () => {
  const { error } = await errorOf('select 1;\n\n  -- the second\n  select 1/0;\nselect 3;');
  expect(error).toMatchObject({
    message: 'division by zero (SQLSTATE 22012)',
    place: { line: 4, column: 3, caret: '  select 1/0;\n  ^' },
  });
});

test.concurrent('an error inside a function tells the function, its line, and the statement in it', async () => {
  const { error } = await errorOf(
    'select 1;\nselect f()',
    `create function f() returns void language plpgsql as $$
begin
  perform absent from pg_class;
end $$`,
  );
  expect(error).toMatchObject({ place: { line: 2, column: 1 } });
  expect(error?.message).toBe(
    [
      'column "absent" does not exist (SQLSTATE 42703)',
      'In: PL/pgSQL function f() line 3 at PERFORM',
      'Statement inside:',
      'SELECT absent from pg_class',
      '       ^',
    ].join('\n'),
  );
});

test.concurrent('detail and hint of the server are told', async () => {
  const { error } = await errorOf(
    'insert into a values (1)',
    'create table a (id integer primary key); insert into a values (1)',
  );
  expect(error?.message).toBe(
    'duplicate key value violates unique constraint "a_pkey" (SQLSTATE 23505)\nDetail: Key (id)=(...) already exists.',
  );
});

test.concurrent.each([
  ['a deferred constraint', 'insert into b values (1)', '23503', 'Correct the file'],
  ['a procedure that commits', 'call p()', '2D000', '-- carthub: no-transaction'],
  ['what must be alone, by a function of the server', 'reindex table parted', '25001', '-- carthub: no-transaction'],
  ['an enum value used too early', `alter type mood add value 'c'; select 'c'::mood`, '55P04', 'in a later file'],
])('%s fails the file with a remedy', async (_, sql, state, remedy) => {
  const database = await bench.freshDatabase();
  await change(
    database,
    `create table a (id integer primary key); create table b (id integer references a deferrable initially deferred);
     create type mood as enum ('a'); create procedure p() language plpgsql as $$ begin commit; end $$;
     create table parted (id integer) partition by range (id); create index on parted (id)`,
  );
  const ended = await bench.run({ database, files: { '001.do.a.sql': sql } });
  expect(ended.verdict?.error).toMatchObject({
    message: expect.stringContaining(`(SQLSTATE ${state})`),
    remedy: expect.stringContaining(remedy),
    place: { file: '001.do.a.sql' },
  });
  expect(await versions(database)).toEqual([]);
});

test.concurrent('a lock that others hold fails the file when its time is over', async () => {
  const database = await bench.freshDatabase();
  await withDatabase(database, async (holder) => {
    await holder.query('create table a (id integer)');
    await holder.query('begin; lock table a');
    const sql = `set local lock_timeout = '50ms'; alter table a add x integer`;
    const ended = await bench.run({ database, files: { '001.do.a.sql': sql } });
    expect(ended.verdict?.error).toMatchObject({
      message: expect.stringContaining('(SQLSTATE 55P03)'),
      remedy: expect.stringContaining('pg_locks'),
    });
  });
});

test.concurrent('the log names the error and its place, and neither SQL nor rows nor passwords', async () => {
  const { ended, error } = await errorOf(
    `create role somebody${Date.now()} password 'hush-hush' nothing 'private';`.replace(
      ' nothing',
      ' in role absent_role --',
    ),
  );
  expect(ended.output).not.toMatch(/hush|private|trusted|absent_role/);
  expect(ended.log).toContainEqual(
    expect.objectContaining({ event: 'failed', error: 'SqlError', sqlState: '42704', line: 1 }),
  );
  expect(error?.place?.caret).not.toContain('hush');
  expect(JSON.stringify(ended.verdict)).not.toMatch(/hush|trusted/);
});

test.concurrent('the verdict is JSON of at most 4,096 bytes, whatever happened, and the report in S3 is whole', async () => {
  const database = await bench.freshDatabase();
  const many = Object.fromEntries(
    Array.from({ length: 80 }, (_, at) => [`${at + 1}.do.${'a-long-name-'.repeat(4)}${at}.sql`, 'select 1']),
  );
  const text = 'é'.repeat(3_000);
  const ended = await bench.run({
    database,
    files: { ...many, '900.do.z.sql': `do $$ begin raise exception '${text}' using hint = '${text}'; end $$` },
  });
  expect(ended.verdictBytes).toBeLessThanOrEqual(4096);
  expect(ended.verdict).toMatchObject({
    result: 'failed',
    version: { before: null, after: 80 },
    error: { name: 'SqlError', message: expect.stringMatching(/^é+\.\.\.$/), place: { file: '900.do.z.sql' } },
  });
  const report = await bench.document(`runs/${ended.run}/report.json`);
  expect(report).toMatchObject({ files: { length: 80 }, error: { message: expect.stringContaining(text) } });
  expect(await column(database, 'select count(*)::integer from carthub_db.schemaversion')).toEqual([80]);
});

test.concurrent('what the server refuses to the runner itself has a name and a remedy too', async () => {
  const database = await bench.freshDatabase();
  const role = `lesser_of_${database.dbname}`;
  await change(database, `create role ${role} login`);
  const ended = await bench.run({ database: { ...database, username: role }, files: { '001.do.a.sql': 'select 1' } });
  expect(ended).toMatchObject({
    exit: 1,
    verdict: {
      error: {
        name: 'SqlError',
        message: expect.stringContaining('permission denied for database'),
        remedy: expect.stringContaining('Grant'),
        place: null,
      },
    },
  });
});

test('the words of a cause are quoted without passwords', () => {
  expect(reason(new Error(`lost at: alter role a password 'hush-hush'.`))).toBe(`lost at: alter role a password '***'`);
});
