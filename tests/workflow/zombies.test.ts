import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { runningExecution, settled } from '../support/execution.ts';
import { held, holdAt, letGo, type Point } from '../support/pause.ts';
import { passDeadline, podProcess } from '../support/pod.ts';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
  await cloud.query(`insert into carts (owner) values ('ann'), ('bob')`);
}, 120_000);
afterEach(() => cloud?.stop());

const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, owner text not null);\n' };
const FILES = {
  ...BASE,
  '002.do.note.sql': `alter table carts add column note text;\nupdate carts set note = 'second';\n`,
  '003.do.total.sql': `alter table carts add column total int;\nupdate carts set note = 'third';\n`,
};

test.each<[string, Point, number, string, number]>([
  ['before its first file', 'before a file', 2, 'FailedUntouched', 1],
  ['between two files', 'before a file', 3, 'FailedPartway', 2],
  ['before COMMIT', 'before COMMIT', 3, 'FailedPartway', 2],
])(
  'a Job that was paused %s, and wakes up after its root was declared dead, commits nothing',
  async (_when, point, version, outcome, after) => {
    await holdAt(cloud, point, version);
    const migrating = cloud.migrate(FILES);
    await held(cloud);
    const pid = await podProcess(cloud);
    process.kill(pid, 'SIGSTOP');
    const execution = await runningExecution(cloud, 'migrate');
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: execution }));

    const record = await settled(cloud, execution);
    await letGo(cloud);
    process.kill(pid, 'SIGCONT');
    const result = await migrating;

    expect(record).toMatchObject({ outcome, version: { before: 1, after } });
    // The runner came to no report: the database says what is in, and the bucket what the snapshot is called.
    expect(record.files.map(({ file }) => file)).toEqual(after === 2 ? ['002.do.note.sql'] : []);
    expect(record.snapshot).toMatch(/^migrate-[0-9a-f]{20}$/);
    expect(result.json.outcome).toBe(outcome);
    expect(await cloud.query('select max(version)::int as version from carthub_db.schemaversion')).toEqual([
      { version: after },
    ]);
    const columns = await cloud.query(
      `select 1 from information_schema.columns where table_name = 'carts' and column_name in ('note', 'total')`,
    );
    expect(columns).toHaveLength(after - 1);

    // The lease is free, and what was not done is done by the next run.
    expect(await cloud.migrate(FILES)).toMatchObject({ exit: 0, json: { outcome: 'Migrated', version: { after: 3 } } });
  },
  120_000,
);

test('a pod that is killed in the middle of a statement leaves nothing, and the next run goes on', async () => {
  const slow = {
    ...BASE,
    '002.do.slow.sql': `update carts set owner = 'x';\nselect pg_sleep(600) from carts limit 1;\n`,
  };
  const migrating = cloud.migrate(slow);
  await held(cloud, 'from carts');
  process.kill(await podProcess(cloud), 'SIGKILL');
  expect(await migrating).toMatchObject({
    exit: 3,
    json: { outcome: 'FailedUntouched', error: { name: 'JobFailedError' } },
  });
  expect(await cloud.query('select distinct owner from carts order by 1')).toEqual([
    { owner: 'ann' },
    { owner: 'bob' },
  ]);
  expect(await cloud.query(`select 1 from pg_stat_activity where application_name like 'migrate-%'`)).toEqual([]);
  expect(await cloud.migrate(FILES)).toMatchObject({ exit: 0 });
}, 120_000);

test('a Job past its deadline is ended, and so is its SQL', async () => {
  const slow = {
    ...BASE,
    '002.do.slow.sql': `update carts set owner = 'x';\nselect pg_sleep(600) from carts limit 1;\n`,
  };
  const migrating = cloud.migrate(slow);
  await held(cloud, 'from carts');
  await passDeadline(cloud);
  expect(await migrating).toMatchObject({ exit: 3, json: { outcome: 'FailedUntouched' } });
  expect(await cloud.query(`select 1 from pg_stat_activity where application_name like 'migrate-%'`)).toEqual([]);
}, 120_000);
