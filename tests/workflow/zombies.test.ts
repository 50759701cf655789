import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { runningExecution, settled } from '../support/execution.ts';
import { held, holdAt, letGo, type Point } from '../support/pause.ts';
import { passDeadline, podProcess } from '../support/pod.ts';

/** One database after the other dead Job: each test adds two files to those that are applied, and says so when they are. */
let cloud: TestCloud;
let applied: Record<string, string> = {
  '001.do.carts.sql': 'create table carts (id serial primary key, owner text not null);\n',
};
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(applied)).toMatchObject({ exit: 0 });
  await cloud.query(`insert into carts (owner) values ('ann'), ('bob')`);
}, 120_000);
afterAll(() => cloud?.stop());

const isAt = () => Object.keys(applied).length;
const nameOf = (version: number, what: string) => `${`${version}`.padStart(3, '0')}.do.${what}.sql`;

/** What is applied, and two files that each add a column. */
function twoMore(): Record<string, string> {
  const add = (version: number, type: string, value: string) =>
    `alter table carts add column in_${version} ${type};\nupdate carts set in_${version} = ${value};\n`;
  const [second, third] = [isAt() + 1, isAt() + 2];
  return {
    ...applied,
    [nameOf(second, 'note')]: add(second, 'text', `'second'`),
    [nameOf(third, 'total')]: add(third, 'int', '3'),
  };
}

/** What is applied, and a file that does not come to an end. */
function oneSlow(): Record<string, string> {
  return {
    ...applied,
    [nameOf(isAt() + 1, 'slow')]: `update carts set owner = 'x';\nselect pg_sleep(600) from carts limit 1;\n`,
  };
}

async function migrateAll(files: Record<string, string>): Promise<void> {
  const version = { after: Object.keys(files).length };
  expect(await cloud.migrate(files)).toMatchObject({ exit: 0, json: { outcome: 'Migrated', version } });
  applied = files;
}

test.each<[string, Point, number, string, number]>([
  ['before its first file', 'before a file', 1, 'FailedUntouched', 0],
  ['between two files', 'before a file', 2, 'FailedPartway', 1],
  ['before COMMIT', 'before COMMIT', 2, 'FailedPartway', 1],
])(
  'a Job that was paused %s, and wakes up after its root was declared dead, commits nothing',
  async (_when, point, file, outcome, done) => {
    const [before, files] = [isAt(), twoMore()];
    await holdAt(cloud, point, before + file);
    const migrating = cloud.migrate(files);
    await held(cloud);
    const pid = await podProcess(cloud);
    process.kill(pid, 'SIGSTOP');
    const execution = await runningExecution(cloud, 'migrate');
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: execution }));

    const record = await settled(cloud, execution);
    await letGo(cloud);
    process.kill(pid, 'SIGCONT');
    const result = await migrating;

    expect(record).toMatchObject({ outcome, version: { before, after: before + done } });
    // The runner came to no report: the database says what is in, and the bucket what the snapshot is called.
    expect(record.files.map((each) => each.file)).toEqual(done === 1 ? [nameOf(before + 1, 'note')] : []);
    expect(record.snapshot).toMatch(/^migrate-[0-9a-f]{20}$/);
    expect(result.json.outcome).toBe(outcome);
    expect(await cloud.query('select max(version)::int as version from carthub_db.schemaversion')).toEqual([
      { version: before + done },
    ]);
    const columns = await cloud.query(
      `select 1 from information_schema.columns where table_name = 'carts' and column_name = any($1)`,
      [[`in_${before + 1}`, `in_${before + 2}`]],
    );
    expect(columns).toHaveLength(done);

    // The lease is free, and what was not done is done by the next run.
    await migrateAll(files);
  },
  120_000,
);

test('a pod that is killed in the middle of a statement leaves nothing, and the next run goes on', async () => {
  const migrating = cloud.migrate(oneSlow());
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
  await migrateAll(twoMore());
}, 120_000);

test('a Job past its deadline is ended, and so is its SQL', async () => {
  const migrating = cloud.migrate(oneSlow());
  await held(cloud, 'from carts');
  await passDeadline(cloud);
  expect(await migrating).toMatchObject({ exit: 3, json: { outcome: 'FailedUntouched' } });
  expect(await cloud.query(`select 1 from pg_stat_activity where application_name like 'migrate-%'`)).toEqual([]);
}, 120_000);
