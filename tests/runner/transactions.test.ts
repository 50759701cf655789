import { expect, test } from '@jest/globals';
import { transactionsOf } from '../../lib/journal/transactions.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { jobName } from '../../lib/runs/keys.ts';
import { objectsWrittenBy } from '../../lib/schema/written-by.ts';
import { withDatabase } from '../support/postgres.ts';
import type { Ended } from '../support/runner.ts';
import { until } from '../support/until.ts';
import { change, column, journalOf, useBench, withProxy } from './bench.ts';

const bench = useBench();

/** The tables and indexes that the journal gives to the run. */
async function oursIn(database: Credentials, run: Pick<Ended, 'run'>, next: string | null = null): Promise<string[]> {
  const transactions = transactionsOf(await journalOf(database, run), next);
  const objects = await withDatabase(database, (client) =>
    objectsWrittenBy(client, { migrator: database.username }, transactions),
  );
  return objects
    .filter(({ kind }) => kind === 'table' || kind === 'index')
    .map(({ kind, name, certain }) => `${certain ? '' : 'perhaps '}${kind} ${name}`)
    .sort();
}

test.concurrent('of a whole file, what its exception blocks made is found, and what others made meanwhile is not taken for it', () =>
  withProxy(bench, async ({ database, through, proxy }) => {
    const sql = `create table sure (id integer);
      do $$ begin begin create table sub (); exception when others then raise; end;
        begin create table never (); raise 'no'; exception when others then null; end; end $$`;
    // The file is through, and its transaction open.
    const hit = proxy.once('hold-reply', (text) => text.includes('create table sub'));
    const running = await bench.start({
      database: through,
      files: { '001.do.a.sql': sql, '002.do.b.sql': 'select 1' },
    });
    await hit.reached;
    await change(database, 'create table theirs_meanwhile ()');
    hit.release();
    const ended = await running.ended;
    expect(ended.verdict?.error).toBeNull();
    await change(database, 'create table theirs_later ()');
    expect(await oursIn(database, ended)).toEqual(['perhaps table public.sub', 'table public.sure']);
  }));

test.concurrent('an index that was built concurrently is found, also where the step was killed', async () => {
  const database = await bench.freshDatabase();
  await change(database, 'create table a (id integer)');
  const first = '-- carthub: no-transaction\ncreate index concurrently built on a (id)';
  const files = { '001.do.a.sql': first };
  const ended = await bench.run({ database, files });
  expect(await oursIn(database, ended)).toContain('perhaps index public.a.built');

  const killed = await withDatabase(database, async (holder) => {
    await holder.query('begin; insert into a values (1)');
    const second = '-- carthub: no-transaction\ncreate index concurrently half on a (id)';
    const running = await bench.start({ database, files: { ...files, '002.do.b.sql': second } });
    const waiting = `select 1 from pg_stat_progress_create_index p where phase like 'waiting%' and datname = current_database()`;
    await until('the build that waits', async () => (await column(database, waiting)).length === 1);
    running.child.kill('SIGKILL');
    await running.ended;
    const sessions = `from pg_stat_activity where application_name = '${jobName('carthub', running.run)}'`;
    await change(database, `select pg_terminate_backend(pid, 5000) ${sessions}`);
    await holder.query('rollback');
    return running;
  });
  const [next] = await column(database, 'select pg_snapshot_xmax(pg_current_snapshot())::text');
  await change(database, 'create table theirs_later ()');
  expect(await oursIn(database, killed, String(next))).toContain('perhaps index public.a.half');
  expect(await oursIn(database, killed, String(next))).not.toContain('perhaps table public.theirs_later');
  expect(await oursIn(database, killed)).toEqual(
    expect.arrayContaining(['perhaps index public.a.half', 'perhaps table public.theirs_later']),
  );
});
