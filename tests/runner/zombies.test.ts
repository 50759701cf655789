import { expect, test } from '@jest/globals';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { jobName } from '../../lib/runs/keys.ts';
import type { Hit } from '../support/postgres-proxy.ts';
import type { Running } from '../support/runner.ts';
import { change, column, isCommit, nth, stepsOf, useBench, versions, withProxy } from './bench.ts';

const bench = useBench();

const THREE = {
  '001.do.a.sql': 'create table a (id integer); insert into a values (1)',
  '002.do.b.sql': 'insert into a values (2)',
  '003.do.c.sql': 'insert into a values (3)',
};
const STATEMENTS = {
  '001.do.a.sql': 'create table a (id integer); insert into a values (1)',
  '002.do.b.sql': '-- carthub: no-transaction\ninsert into a values (2);\ninsert into a values (3)',
};

/** What the product does when it stops trusting a Job: ends its sessions, then raises the token in the database. */
async function takeOver(database: Credentials, { run }: Running): Promise<void> {
  await change(
    database,
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '${jobName('carthub', run)}'`,
  );
  await change(database, 'update carthub_db.fence set token = 2');
}

/** Pauses the runner when `hit` is reached, lets `meanwhile` happen, and wakes it up. */
async function pauseAt(hit: Hit, running: Running, meanwhile: () => Promise<void>) {
  await hit.reached;
  running.child.kill('SIGSTOP');
  await meanwhile();
  running.child.kill('SIGCONT');
  hit.release();
  return running.ended;
}

const isEntry = (sql: string) => sql.startsWith('with mine') && sql.includes('journal');
const isHistory = (sql: string) => sql.startsWith('insert into carthub_db.schemaversion');

test.concurrent.each([
  ['before the first file', isEntry, 1, []],
  ['between two files', isEntry, 2, [1]],
  ['in the middle of a file', (sql: string) => sql.includes('values (2)'), 1, [1]],
  ['before COMMIT', isHistory, 2, [1]],
])(
  'a runner paused %s whose right was taken meanwhile commits nothing more, and says that it was fenced',
  (_, matches, number, left) =>
    withProxy(bench, async ({ database, through, proxy }) => {
      const hit = proxy.once('hold-reply', nth(number, matches));
      const running = await bench.start({ database: through, files: THREE });
      const ended = await pauseAt(hit, running, () => takeOver(database, running));
      expect(ended).toMatchObject({
        exit: 3,
        verdict: {
          result: 'fenced',
          error: { name: 'FencedError', message: expect.stringContaining('token is 1; the database has 2') },
        },
      });
      expect(await versions(database)).toEqual(left);
      expect(await stepsOf(database, ended)).toEqual(left.map((version) => `${version}.0 transaction`));
    }),
);

test.concurrent('a runner whose COMMIT was under way commits or does not, and its verdict is the truth about it', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once('hold', nth(2, isCommit));
    const running = await bench.start({ database: through, files: THREE });
    const ended = await pauseAt(hit, running, () => takeOver(database, running));
    expect(ended).toMatchObject({ exit: 3, verdict: { result: 'fenced', version: { after: 1 } } });
    expect(await versions(database)).toEqual([1]);
  }));

test.concurrent('a runner whose sessions nobody ended is stopped by the token alone, at its next file', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    // Between two transactions nothing holds the token's row.
    const hit = proxy.once('hold-reply', nth(2, isCommit));
    const running = await bench.start({ database: through, files: THREE });
    const ended = await pauseAt(hit, running, async () => {
      await change(database, 'update carthub_db.fence set token = 2');
    });
    expect(ended).toMatchObject({
      exit: 3,
      verdict: { result: 'fenced', version: { after: 2 }, files: { length: 2 } },
    });
    expect(await versions(database)).toEqual([1, 2]);
  }));

test.concurrent('whoever raises the token waits for the transaction that has compared it', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once('hold-reply', (sql) => sql.includes('values (2)'));
    const running = await bench.start({ database: through, files: THREE });
    await hit.reached;
    await expect(
      change(database, `set lock_timeout = '200ms'; update carthub_db.fence set token = 2`),
    ).rejects.toMatchObject({ code: '55P03' });
    hit.release();
    expect(await running.ended).toMatchObject({ exit: 0 });
  }));

test.concurrent.each([
  ['before its intent', 3, [1, 2], ['2.1 intent', '2.1 done']],
  ['before it runs together with its end', 2, [1], ['2.1 intent']],
])('a runner paused at a statement, %s, does and notes nothing once its right is taken', (_, number, rows, expected) =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const inFile = (sql: string) => sql.startsWith('begin ');
    // The first transaction is that of version 1; then intent, and change with end, of each statement.
    const hit = proxy.once('hold-reply', nth(number + 1, inFile));
    const running = await bench.start({ database: through, files: STATEMENTS });
    const ended = await pauseAt(hit, running, async () => {
      await change(database, 'update carthub_db.fence set token = 2');
    });
    expect(ended).toMatchObject({ exit: 3, verdict: { result: 'fenced' } });
    expect((await stepsOf(database, ended)).slice(1)).toEqual(expected);
    expect(await column(database, 'select id from a order by 1')).toEqual(rows);
    expect(await versions(database)).toEqual([1]);
  }),
);

test.concurrent('a runner with a smaller token than the database has does nothing at all', async () => {
  const database = await bench.freshDatabase();
  await bench.run({ database, files: { '001.do.a.sql': 'select 1' }, token: 7 });
  const ended = await bench.run({
    database,
    files: { '001.do.a.sql': 'select 1', '002.do.b.sql': 'select 2' },
    token: 6,
  });
  expect(ended).toMatchObject({ exit: 3, verdict: { result: 'fenced', files: [] } });
  expect(await versions(database)).toEqual([1]);
});
