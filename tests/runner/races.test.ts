import { expect, test } from '@jest/globals';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { jobName } from '../../lib/runs/keys.ts';
import { until } from '../support/until.ts';
import { change, column, useBench, versions, withProxy } from './bench.ts';

const bench = useBench();

/** Each file leaves one row for each time that it ran. */
const LEDGER = {
  '001.do.ledger.sql': 'create table ledger (version integer, step integer); insert into ledger values (1, 0)',
  '002.do.b.sql': 'insert into ledger values (2, 0)',
  '003.do.c.sql':
    '-- carthub: no-transaction\ninsert into ledger values (3, 1);\ndo $$ begin insert into ledger values (3, 2); end $$;\ninsert into ledger values (3, 3)',
  '004.do.d.sql': 'insert into ledger values (4, 0); create index on ledger (version)',
  '005.do.e.sql':
    '-- carthub: no-transaction\ninsert into ledger values (5, 1);\ncreate index concurrently i on ledger (step);\ninsert into ledger values (5, 3)',
  '006.do.f.sql': 'insert into ledger values (6, 0)',
};
const WHOLE = ['1.0', '2.0', '3.1', '3.2', '3.3', '4.0', '5.1', '5.3', '6.0'];

/** Of this one nobody knows how it ended when there is no word of it; each other is committed together with its word. */
const ALONE = '3.2';

const effects = (database: Credentials) =>
  column(database, `select version || '.' || step from ledger order by version, step`);

test('of twenty runners at once exactly one applies each file, also when the database has never seen one', async () => {
  const database = await bench.freshDatabase();
  const all = await Promise.all(
    Array.from({ length: 20 }, () => bench.run({ database, files: LEDGER, deadlineSeconds: 100 })),
  );
  expect(all.map(({ verdict }) => verdict?.error ?? null)).toEqual(all.map(() => null));
  expect(all.map(({ verdict }) => verdict?.files.length ?? 0).sort((a, b) => b - a)).toEqual([6, ...Array(19).fill(0)]);
  expect(await effects(database)).toEqual(WHOLE);
  expect(await versions(database)).toEqual([1, 2, 3, 4, 5, 6]);
}, 240_000);

test('of runners with different tokens the greatest wins, and no file is applied twice', async () => {
  const database = await bench.freshDatabase();
  const all = await Promise.all(
    [3, 1, 2].map((token) => bench.run({ database, files: LEDGER, token, deadlineSeconds: 100 })),
  );
  for (const { verdict } of all) expect(['applied', 'fenced']).toContain(verdict?.result);
  expect(all[0]?.verdict?.result).toBe('applied');
  expect(await effects(database)).toEqual(WHOLE);
}, 120_000);

test('the holder of the lock is named to whoever cannot have it', async () => {
  const database = await bench.freshDatabase();
  const running = await bench.start({ database, files: { '001.do.a.sql': 'select pg_sleep(50)' } });
  await until(
    'a held lock',
    async () => (await column(database, `select pid from pg_locks where locktype = 'advisory'`))[0],
  );
  const waiting = await bench.run({ database, files: LEDGER, env: { LOCK_WAIT_SECONDS: '1' } });
  expect(waiting).toMatchObject({
    exit: 1,
    verdict: {
      error: {
        name: 'RunLockHeldError',
        message: expect.stringMatching(
          `session \\d+ \\(${jobName('carthub', running.run)}\\), connected since \\d{4}-`,
        ),
        remedy: expect.stringContaining('pg_terminate_backend('),
      },
    },
  });
  expect(await bench.document(`runs/${waiting.run}/report.json`)).toBeNull();
  running.child.kill('SIGKILL');
  await running.ended;
}, 120_000);

/** Rows that the files in the history made, and those of statements that the journal knows, must be there, once. */
async function verify(database: Credentials): Promise<void> {
  const there = await column(database, `select to_regclass('ledger') is not null`);
  if (there[0] !== true) return;
  const found = await effects(database);
  expect(new Set(found).size).toBe(found.length);
  const history = await versions(database);
  const steps = await column(
    database,
    `select distinct on (version, step) version || '.' || step || ' ' || state from carthub_db.journal where step > 0
     order by version, step, id desc`,
  );
  for (const effect of WHOLE) {
    const [version] = effect.split('.').map(Number);
    const state = steps.find((step) => String(step).startsWith(`${effect} `));
    if (history.includes(version) || state === `${effect} done`) expect(found).toContain(effect);
    else if (effect !== ALONE || state !== `${effect} intent`) expect(found).not.toContain(effect);
  }
}

/** What a person does about a statement in doubt: looks, undoes, accepts. */
async function accept(database: Credentials): Promise<void> {
  const last = `select distinct on (version, step) * from carthub_db.journal where step > 0 order by version, step, id desc`;
  const doubtful = `select * from (${last}) j where state = 'intent' and not coalesce((detail ->> 'atomic')::boolean, false)`;
  await change(
    database,
    `delete from ledger l using (${doubtful}) j where (l.version, l.step) = (j.version, j.step);
     drop index if exists i;
     insert into carthub_db.journal (run_id, token, version, file, sha256, step, state)
     select 'accept', token, version, file, sha256, step, 'accepted' from (${doubtful}) j`,
  );
}

/** Statements of a whole run: what is random is at which of them the runner is killed. */
const STATEMENTS_OF_A_RUN = 75;

test.concurrent.each(Array.from({ length: 10 }, (_, at) => at))(
  'killed five times at random statements, it ends with every file applied once (%i)',
  async (series) => {
    await withProxy(bench, async ({ database, through, proxy }) => {
      for (let kill = 0; kill < 5; kill += 1) {
        const point = Math.floor(Math.random() * STATEMENTS_OF_A_RUN);
        let seen = 0;
        const hit = proxy.once(kill % 2 === 0 ? 'hold' : 'hold-reply', () => seen++ === point);
        const running = await bench.start({ database: through, files: LEDGER });
        await Promise.race([hit.reached, running.ended]);
        running.child.kill('SIGKILL');
        await running.ended;
        hit.release();
        await change(
          database,
          `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '${jobName('carthub', running.run)}'`,
        );
        try {
          await verify(database);
        } catch (cause) {
          throw new Error(
            `series ${series}: after a kill at statement ${point}: ${proxy.statements.slice(-3).join(' | ')}`,
            { cause },
          );
        }
        if ((await column(database, `select to_regclass('ledger') is not null`))[0]) await accept(database);
      }
      const last = await bench.run({ database, files: LEDGER });
      expect(last.verdict?.error).toBeNull();
      expect(await effects(database)).toEqual(WHOLE);
    });
  },
  180_000,
);
