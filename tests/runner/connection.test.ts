import { expect, test } from '@jest/globals';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { RUN_LOCK } from '../../lib/postgres/tables.ts';
import { jobName } from '../../lib/runs/keys.ts';
import { until } from '../support/until.ts';
import { change, column, isCommit, nth, stepsOf, useBench, versions, withProxy } from './bench.ts';

const bench = useBench();

const THREE = {
  '001.do.a.sql': 'create table a (id integer); insert into a values (1)',
  '002.do.b.sql': 'insert into a values (2)',
  '003.do.c.sql': 'insert into a values (3)',
};

const each = (insert: (value: number) => string) => ({
  '001.do.a.sql': 'create table a (id integer)',
  '002.do.b.sql': `-- carthub: no-transaction\n${[1, 2, 3].map(insert).join(';\n')};`,
});
/** Nobody looks into DO: it may commit on its way, and so runs alone. */
const ALONE = each((value) => `do $$ begin insert into a values (${value}); end $$`);
/** What only changes rows is one transaction with the row that says that it is done. */
const ROWS = each((value) => `insert into a values (${value})`);

const ids = (database: Credentials) => column(database, 'select id from a order by 1');

test.concurrent('a COMMIT that the server took without anybody hearing it counts, and the run goes on in a new session', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once('cut-after', nth(2, isCommit));
    const ended = await bench.run({ database: through, files: THREE });
    await hit.reached;
    expect(ended).toMatchObject({ exit: 0, verdict: { result: 'applied', version: { before: null, after: 3 } } });
    expect(ended.verdict?.files.map(({ file }) => file)).toEqual(Object.keys(THREE));
    expect(await ids(database)).toEqual([1, 2, 3]);
    expect(ended.log).toContainEqual(expect.objectContaining({ event: 'connection-lost-at-commit' }));
  }));

test.concurrent('a run whose lock another took while its connection was lost stops, and tells what it had committed', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once('cut-after', nth(2, isCommit));
    const held = proxy.once('hold', (sql) => sql.includes('values (2)'));
    const running = await bench.start({ database: through, files: THREE, env: { LOCK_WAIT_SECONDS: '1' } });
    await held.reached;
    // Waits behind the runner, and has the lock as soon as that is gone.
    const other = change(database, `select pg_advisory_lock(${RUN_LOCK}), pg_sleep(4)`);
    await until(
      'a waiting session',
      async () => (await column(database, 'select pid from pg_locks where not granted'))[0],
    );
    held.release();
    await hit.reached;
    expect(await running.ended).toMatchObject({
      exit: 1,
      verdict: {
        result: 'failed',
        version: { before: null, after: 2 },
        files: [{ file: '001.do.a.sql' }, { file: '002.do.b.sql' }],
        error: { name: 'RunLockHeldError' },
      },
    });
    expect(await versions(database)).toEqual([1, 2]);
    await other;
  }));

test.concurrent('a COMMIT that never reached the server is told as rolled back', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    proxy.once('cut-before', nth(2, isCommit));
    const ended = await bench.run({ database: through, files: THREE });
    expect(ended).toMatchObject({
      exit: 1,
      verdict: {
        result: 'failed',
        version: { before: null, after: 1 },
        files: [{ file: '001.do.a.sql' }],
        error: {
          name: 'ConnectionLostError',
          message:
            'The connection was lost when 002.do.b.sql was being committed, and the server says that it rolled it back.',
          place: { file: '002.do.b.sql' },
        },
      },
    });
    expect([await ids(database), await versions(database)]).toEqual([[1], [1]]);
  }));

test.concurrent(
  'a COMMIT into a dead network is found out from a new session, and the waiting one is ended',
  () =>
    withProxy(bench, async ({ database, through, proxy }) => {
      const hit = proxy.once('silence', nth(2, isCommit));
      const running = await bench.start({ database: through, files: THREE });
      await hit.reached;
      // Nobody answers any more: what a stop of the run does then must not hang.
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      expect(ended).toMatchObject({ exit: 1, verdict: { result: 'failed', version: { after: 1 } } });
      expect(ended.verdict?.error?.name).toBe('ConnectionLostError');
      expect([await ids(database), await versions(database)]).toEqual([[1], [1]]);
    }),
  60_000,
);

test.concurrent.each([
  ['before its journal row', (sql: string) => sql.startsWith('with mine') && sql.includes('journal')],
  ['in the middle of it', (sql: string) => sql.includes('values (2)')],
  ['before its history row', (sql: string) => sql.startsWith('insert into carthub_db.schemaversion')],
])('a file whose connection is cut %s is rolled back, and the run says so', (_, matches) =>
  withProxy(bench, async ({ database, through, proxy }) => {
    proxy.once('cut-after', nth(matches('insert into a values (2)') ? 1 : 2, matches));
    const ended = await bench.run({ database: through, files: THREE });
    expect(ended).toMatchObject({
      exit: 1,
      verdict: {
        version: { before: null, after: 1 },
        error: {
          name: 'ConnectionLostError',
          message: expect.stringContaining('lost before 002.do.b.sql was committed, so the server rolls it back'),
        },
      },
    });
    expect([await ids(database), await versions(database)]).toEqual([[1], [1]]);
    expect(await bench.run({ database, files: THREE })).toMatchObject({ exit: 0, verdict: { version: { after: 3 } } });
    expect(await ids(database)).toEqual([1, 2, 3]);
  }),
);

test.concurrent('a session that a person ended is told with the words of the server', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once('hold', (sql) => sql.includes('values (2)'));
    const running = await bench.start({ database: through, files: THREE });
    await hit.reached;
    await change(
      database,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${jobName('carthub', running.run)}'`,
    );
    hit.release();
    const ended = await running.ended;
    expect(ended.verdict?.error).toMatchObject({
      name: 'ConnectionLostError',
      message: expect.stringContaining('terminating connection due to administrator command'),
    });
  }));

test.concurrent.each([
  // Commits of the statement file: intent and done of each statement; the first of the run is that of version 1.
  {
    ...{ what: 'the intent of statement 2 was committed and nobody heard it', action: 'cut-after' as const, commit: 4 },
    ...{ files: ALONE, step: '2.2', states: ['intent', 'refused', 'intent', 'done'] },
  },
  {
    ...{ what: 'the intent of statement 2 was not committed', action: 'cut-before' as const, commit: 4 },
    ...{ files: ALONE, step: '2.2', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'the end of statement 2 was committed and nobody heard it', action: 'cut-after' as const, commit: 5 },
    ...{ files: ALONE, step: '2.2', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'the end of statement 2 was not committed', action: 'cut-before' as const, commit: 5 },
    ...{ files: ALONE, step: '2.2', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'the end of the last statement was committed and nobody heard it', action: 'cut-after' as const },
    ...{ commit: 7, files: ALONE, step: '2.3', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'the end of the last statement was not committed', action: 'cut-before' as const, commit: 7 },
    ...{ files: ALONE, step: '2.3', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'a change of rows was committed and nobody heard it', action: 'cut-after' as const, commit: 5 },
    ...{ files: ROWS, step: '2.2', states: ['intent', 'done'] },
  },
  {
    ...{ what: 'a change of rows was not committed', action: 'cut-before' as const, commit: 5 },
    ...{ files: ROWS, step: '2.2', states: ['intent', 'intent', 'done'] },
  },
  {
    ...{ what: 'the last change of rows was committed and nobody heard it', action: 'cut-after' as const, commit: 7 },
    ...{ files: ROWS, step: '2.3', states: ['intent', 'done'] },
  },
])('no statement runs twice or is left out when $what', ({ action, commit, files, step, states }) =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const hit = proxy.once(action, nth(commit, isCommit));
    const ended = await bench.run({ database: through, files });
    await hit.reached;
    expect(ended).toMatchObject({ exit: 0, verdict: { result: 'applied', version: { after: 2 }, error: null } });
    expect(ended.verdict?.files.map(({ file }) => file)).toEqual(Object.keys(files));
    expect([await ids(database), await versions(database)]).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
    const noted = (await stepsOf(database, ended)).filter((each) => each.startsWith(step));
    expect(noted).toEqual(states.map((state) => `${step} ${state}`));
  }),
);

test.concurrent.each(['cut-before', 'cut-after'] as const)(
  'a statement whose connection is lost while it runs (%s) is in doubt, and stays so until a person says otherwise',
  (action) =>
    withProxy(bench, async ({ database, through, proxy }) => {
      proxy.once(action, (sql) => sql.includes('values (2)'));
      const ended = await bench.run({ database: through, files: ALONE });
      expect(ended).toMatchObject({
        exit: 1,
        verdict: {
          result: 'failed',
          version: { after: 1 },
          error: {
            name: 'StepInDoubtError',
            remedy: expect.stringContaining('carthub-db accept-state'),
            place: {
              file: '002.do.b.sql',
              line: 3,
              column: 1,
              caret: 'do $$ begin insert into a values (2); end $$;\n^',
            },
          },
        },
      });
      expect(await stepsOf(database, ended)).toEqual(['1.0 transaction', '2.1 intent', '2.1 done', '2.2 intent']);
      expect(await ids(database)).toEqual(action === 'cut-after' ? [1, 2] : [1]);

      const again = await bench.run({ database, files: ALONE });
      expect(again.verdict?.error).toMatchObject({
        name: 'StepInDoubtError',
        message: `Statement 2 of 002.do.b.sql was begun by run ${ended.run}, and nobody knows how it ended.`,
      });
      expect(await stepsOf(database, again)).toEqual([]);

      await change(
        database,
        `delete from a where id = 2;
          insert into carthub_db.journal (run_id, token, version, file, sha256, step, state)
          select 'accept', token, version, file, sha256, 2, 'accepted' from carthub_db.journal where version = 2 limit 1`,
      );
      expect(await bench.run({ database, files: ALONE })).toMatchObject({
        exit: 0,
        verdict: { version: { after: 2 } },
      });
      expect(await ids(database)).toEqual([1, 2, 3]);
    }),
);

test.concurrent.each(['cut-before', 'cut-after'] as const)(
  'a change of rows whose connection is lost while it runs (%s) is not done, and the next run does it once',
  (action) =>
    withProxy(bench, async ({ database, through, proxy }) => {
      proxy.once(action, (sql) => sql.includes('values (2)'));
      const ended = await bench.run({ database: through, files: ROWS });
      expect(ended).toMatchObject({
        exit: 1,
        verdict: {
          version: { after: 1 },
          error: {
            name: 'ConnectionLostError',
            message: expect.stringContaining('statement 2 of 002.do.b.sql ran, so the server rolls it back'),
            place: { file: '002.do.b.sql', line: 3, column: 1 },
          },
        },
      });
      expect(await stepsOf(database, ended)).toEqual(['1.0 transaction', '2.1 intent', '2.1 done', '2.2 intent']);
      const again = await bench.run({ database, files: ROWS });
      expect(again).toMatchObject({ exit: 0, verdict: { version: { after: 2 } } });
      expect(await ids(database)).toEqual([1, 2, 3]);
    }),
);

test.concurrent('a connection that is lost between two files is told as that, by its name', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    proxy.once('cut-before', (sql) => sql.includes('discard temp'));
    const ended = await bench.run({ database: through, files: THREE });
    expect(ended).toMatchObject({
      exit: 1,
      verdict: {
        version: { after: 1 },
        files: [{ file: '001.do.a.sql' }],
        error: { name: 'ConnectionLostError', message: expect.stringContaining('while no file was being applied') },
      },
    });
    expect(await versions(database)).toEqual([1]);
  }));

test.concurrent('a fact that the journal is owed is written once, also when the connection is lost at that again', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    // The end of statement 2, and then the first commit of the session after it.
    const first = proxy.once('cut-before', nth(5, isCommit));
    const running = await bench.start({ database: through, files: ALONE });
    await first.reached;
    proxy.once('cut-after', isCommit);
    expect(await running.ended).toMatchObject({ exit: 0, verdict: { version: { after: 2 } } });
    expect(await ids(database)).toEqual([1, 2, 3]);
    expect((await stepsOf(database, running)).filter((step) => step === '2.2 done')).toHaveLength(1);
  }));
