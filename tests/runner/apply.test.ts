import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readJournal } from '../../lib/journal/journal.ts';
import { readHistory } from '../../lib/migrations/history.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';
import { openRunnerBench, type RunnerBench } from '../support/runner.ts';

let postgres: TestPostgres;
let bench: RunnerBench;
beforeAll(async () => {
  [postgres, bench] = await Promise.all([startPostgres(), openRunnerBench()]);
});
afterAll(async () => {
  await bench.stop();
  await postgres.stop();
});

async function rows(database: Credentials, sql: string): Promise<unknown[]> {
  return withDatabase(database, async (client) => (await client.query({ text: sql, rowMode: 'array' })).rows);
}

test('it takes an empty database to the target, whole files first and statements one by one', async () => {
  const database = await postgres.freshDatabase();
  const files = {
    '001.do.a.sql': 'create table a (id integer primary key); insert into a values (1), (2)',
    '002.do.b.sql':
      '-- carthub: no-transaction\ncreate index concurrently i on a (id);\nupdate a set id = id + 10; -- the end\n',
    '010.do.c.sql': '-- nothing to do here\n',
  };
  const ended = await bench.run({ database, files });
  expect(ended).toMatchObject({
    exit: 0,
    verdict: {
      result: 'applied',
      version: { before: null, after: 10 },
      files: [{ file: '001.do.a.sql' }, { file: '002.do.b.sql' }, { file: '010.do.c.sql' }],
      error: null,
    },
  });
  expect(await rows(database, 'select * from a order by 1')).toEqual([[11], [12]]);
  await withDatabase(database, async (client) => {
    const history = await readHistory(client);
    expect(history.map(({ version, name, runId }) => [version, name, runId])).toEqual([
      [1, 'a', ended.run],
      [2, 'b', ended.run],
      [10, 'c', ended.run],
    ]);
    const journal = await readJournal(client, ended.run);
    expect(journal.map(({ file, step, state }) => [file, step, state])).toEqual([
      ['001.do.a.sql', 0, 'transaction'],
      ['002.do.b.sql', 1, 'intent'],
      ['002.do.b.sql', 1, 'done'],
      ['002.do.b.sql', 2, 'intent'],
      ['002.do.b.sql', 2, 'done'],
      ['010.do.c.sql', 0, 'transaction'],
    ]);
    expect(journal[0]?.detail).toEqual({
      tables: { 'public.a': { inserted: 2, updated: 0, deleted: 0 } },
      rewritten: [],
      dropped: [],
    });
  });
  expect(await bench.document(`runs/${ended.run}/report.json`)).toEqual(ended.verdict);
});

test('a database at the target is left alone: no restore point, no journal row', async () => {
  const database = await postgres.freshDatabase();
  const files = { '001.do.a.sql': 'create table a (id integer)' };
  await bench.run({ database, files });
  const again = await bench.run({ database, files });
  expect(again).toMatchObject({ exit: 0, verdict: { result: 'applied', version: { before: 1, after: 1 }, files: [] } });
  expect(await rows(database, 'select count(*)::integer from carthub_db.journal')).toEqual([[1]]);
  expect(await bench.document(`runs/${again.run}/restore-point.json`)).toBeNull();
});

test('the journal tells what each file did to which table', async () => {
  const database = await postgres.freshDatabase();
  await withDatabase(database, (client) =>
    client.query(`create table kept (id integer); insert into kept values (1), (2), (3); create table emptied as table kept;
      create table rewritten as table kept; create table gone (id integer); create schema app; create table app."Odd" (id integer)`),
  );
  const ended = await bench.run({
    database,
    files: {
      '001.do.a.sql': `insert into kept values (4); update kept set id = 5 where id = 1; delete from kept where id = 2;
        insert into app."Odd" values (1)`,
      '002.do.b.sql': `truncate emptied; alter table rewritten alter id type bigint; drop table gone; create table fresh as table kept`,
      // A subtransaction has an xid of its own.
      '003.do.c.sql': `do $$ begin begin truncate kept; exception when others then raise; end; end $$`,
      '004.do.d.sql': 'select * from kept',
    },
  });
  expect(ended.verdict?.error).toBeNull();
  const journal = await withDatabase(database, (client) => readJournal(client, ended.run));
  expect(journal.map(({ detail }) => detail)).toEqual([
    {
      tables: {
        'public.kept': { inserted: 1, updated: 1, deleted: 1 },
        'app."Odd"': { inserted: 1, updated: 0, deleted: 0 },
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
