import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { held, holdAt, letGo } from '../support/pause.ts';
import { podProcess } from '../support/pod.ts';

/** One database after the other accident: each test adds a file to those that are applied, and says so when it is. */
let cloud: TestCloud;
let applied: Record<string, string> = {
  '001.do.carts.sql': 'create table carts (id serial primary key, total int not null);\n',
};
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(applied)).toMatchObject({ exit: 0 });
  await cloud.query('insert into carts (total) select n from generate_series(1, 10) n');
}, 120_000);
afterAll(() => cloud?.stop());

const nextVersion = () => Object.keys(applied).length + 1;
const nameOf = (version: number, what: string) => `${`${version}`.padStart(3, '0')}.do.${what}.sql`;
const TWO_STATEMENTS = `-- carthub: no-transaction
update carts set total = total + 100 where id <= 5;
update carts set total = total + 100 where id > 5;
`;
async function total(): Promise<number> {
  return (await cloud.query<{ sum: number }>('select sum(total)::int as sum from carts'))[0]?.sum ?? 0;
}

test('accept-state of a database that is not dirty is refused, and needs a reason', async () => {
  expect(await cloud.cli('accept-state', '--reason', 'x')).toMatchObject({
    exit: 7,
    json: { error: { name: 'DatabaseNotDirtyError' } },
  });
  expect((await cloud.cli('accept-state')).exit).toBe(2);
}, 120_000);

test.each(['between two statements', 'in the second statement'] as const)(
  'a file without a transaction that is killed %s is kept, marked, and refused until a person accepts it',
  async (point) => {
    const [version, before] = [nextVersion(), await total()];
    const file = nameOf(version, 'backfill');
    const files = { ...applied, [file]: TWO_STATEMENTS };
    await holdAt(cloud, point, version);
    const migrating = cloud.migrate(files, '--on-failure', 'keep');
    await held(cloud);
    process.kill(await podProcess(cloud), 'SIGKILL');
    const kept = await migrating;
    await letGo(cloud);
    expect(kept).toMatchObject({
      exit: 5,
      json: { outcome: 'FailedKept', version: { before: version - 1, after: version - 1 } },
    });

    const refused = await cloud.migrate(files);
    expect(refused).toMatchObject({
      exit: 7,
      json: {
        outcome: 'Refused',
        error: {
          name: 'DatabaseDirtyError',
          message: expect.stringContaining(file),
          remedy: expect.stringContaining('accept-state'),
        },
      },
    });

    const resumeAt = (step: number) => ['--resume-at', `${file}:${step}`];
    const nonsense = await cloud.cli('accept-state', '--reason', 'guessed', ...resumeAt(4));
    expect(nonsense).toMatchObject({ exit: 7, json: { outcome: 'Refused', error: { name: 'ResumeAtError' } } });
    const where = point === 'between two statements' ? resumeAt(2) : [];
    const accepted = await cloud.cli('accept-state', '--reason', 'looked at the rows', ...where);
    expect(accepted).toMatchObject({ exit: 0, json: { outcome: 'Accepted' } });
    expect(accepted.json).toHaveProperty('assessment.notes.0', expect.stringContaining('statement 2'));

    // What is noted as done is not done again; what was begun and is not noted was rolled back, and is done once.
    expect(await cloud.migrate(files)).toMatchObject({ exit: 0, json: { outcome: 'Migrated' } });
    expect((await total()) - before).toBe(1000);
    applied = files;
  },
  120_000,
);

test('an index that was left INVALID is dropped before anything is judged', async () => {
  await cloud.query('update carts set total = 1');
  const files = {
    ...applied,
    [nameOf(nextVersion(), 'index')]:
      '-- carthub: no-transaction\ncreate unique index concurrently one_total on carts (total);\n',
  };
  expect(await cloud.migrate(files)).toMatchObject({
    exit: 3,
    json: { outcome: 'FailedUntouched', error: { name: 'SqlError' } },
  });
  expect(await cloud.query(`select to_regclass('one_total') as index`)).toEqual([{ index: null }]);
  await cloud.query('update carts set total = id');
  expect(await cloud.migrate(files)).toMatchObject({ exit: 0, json: { outcome: 'Migrated' } });
}, 120_000);
