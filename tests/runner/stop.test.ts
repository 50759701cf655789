import { expect, test } from '@jest/globals';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { jobName } from '../../lib/runs/keys.ts';
import type { Running } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { change, column, stepsOf, useBench, versions } from './bench.ts';

const bench = useBench();

function sleeping(database: Credentials, { run }: Running): Promise<unknown> {
  const look = `select pid from pg_stat_activity where application_name = '${jobName('carthub', run)}' and wait_event = 'PgSleep'
    and query ~ 'pg_sleep\\(60'`;
  return until('a sleeping session', async () => (await column(database, look))[0]);
}

async function sessions(database: Credentials, { run }: Running): Promise<unknown[]> {
  return column(database, `select pid from pg_stat_activity where application_name = '${jobName('carthub', run)}'`);
}

const SLOW = {
  '001.do.a.sql': 'create table a (id integer)',
  '002.do.b.sql': 'insert into a values (1); select pg_sleep(60)',
};

test('SIGTERM cancels the statement, rolls the file back, and says so', async () => {
  const database = await bench.freshDatabase();
  const running = await bench.start({ database, files: SLOW });
  await sleeping(database, running);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended).toMatchObject({
    exit: 1,
    verdict: { result: 'failed', version: { before: null, after: 1 }, error: { name: 'StoppedError' } },
  });
  expect([await versions(database), await column(database, 'select id from a')]).toEqual([[1], []]);
  expect(await sessions(database, running)).toEqual([]);
});

test('the own deadline does the same, under its own name', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: SLOW, deadlineSeconds: 5 });
  expect(ended).toMatchObject({
    exit: 1,
    verdict: {
      version: { after: 1 },
      error: { name: 'DeadlineExceededError', message: expect.stringContaining('5 s') },
    },
  });
  expect([await versions(database), await column(database, 'select id from a')]).toEqual([[1], []]);
});

test('a statement outside a transaction that a stop cancels is noted as refused, and runs again in the next run', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create table a (id integer)');
  const files = {
    '001.do.a.sql': '-- carthub: no-transaction\ninsert into a values (1);\ninsert into a select 2 from pg_sleep(60)',
  };
  const running = await bench.start({ database, files });
  await sleeping(database, running);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended.verdict?.error?.name).toBe('StoppedError');
  expect(await stepsOf(database, ended)).toEqual(['1.1 intent', '1.1 done', '1.2 intent', '1.2 refused']);
  await change(
    database,
    'create function pg_sleep(integer) returns integer language sql as $$ select 1 $$; alter database '.concat(
      database.dbname,
      ' set search_path = public, pg_catalog',
    ),
  );
  expect(await bench.run({ database, files })).toMatchObject({ exit: 0 });
  expect(await column(database, 'select id from a order by 1')).toEqual([1, 2]);
});

test('a statement that will not be cancelled is ended with its session', async () => {
  const database = await bench.freshDatabase();
  const deaf = `do $$ begin loop begin perform pg_sleep(60); exception when query_canceled then null; end; end loop; end $$`;
  const running = await bench.start({ database, files: { '001.do.a.sql': `create table a (id integer); ${deaf}` } });
  await sleeping(database, running);
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  expect(ended).toMatchObject({ exit: 1, verdict: { result: 'failed', version: { after: null } } });
  expect(await column(database, `select to_regclass('a')`)).toEqual([null]);
});

test('a stop while the run waits for the lock ends the wait', async () => {
  const database = await bench.freshDatabase();
  const holder = await bench.start({ database, files: SLOW });
  await sleeping(database, holder);
  const waiting = await bench.start({ database, files: SLOW });
  await until('a waiting session', async () => (await sessions(database, waiting))[0]);
  waiting.child.kill('SIGTERM');
  expect(await waiting.ended).toMatchObject({ exit: 1, verdict: { error: { name: 'StoppedError' } } });
  holder.child.kill('SIGTERM');
  await holder.ended;
});

test('a killed runner leaves no session behind for longer than two seconds', async () => {
  const database = await bench.freshDatabase();
  const running = await bench.start({ database, files: SLOW });
  await sleeping(database, running);
  running.child.kill('SIGKILL');
  await running.ended;
  const since = performance.now();
  await until('no session', async () => (await sessions(database, running)).length === 0);
  expect(performance.now() - since).toBeLessThan(2_500);
  expect(await versions(database)).toEqual([1]);
});
