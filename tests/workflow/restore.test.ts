import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { held, holdAt, letGo } from '../support/pause.ts';
import { podProcess } from '../support/pod.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
  await cloud.query('insert into carts (total) select n from generate_series(1, 10) n');
}, 120_000);
afterAll(() => cloud?.stop());

const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, total int not null);\n' };
const BACKFILL = {
  ...BASE,
  '002.do.backfill.sql': `-- carthub: no-transaction
update carts set total = total + 100 where id <= 5;
update carts set total = total + 100 where id > 5;
`,
};
const total = async () => (await cloud.query<{ sum: number }>('select sum(total)::int as sum from carts'))[0]?.sum;

test('a half-done backfill is put back', async () => {
  await holdAt(cloud, 'between two statements', 2);
  const migrating = cloud.migrate(BACKFILL);
  await held(cloud);
  process.kill(await podProcess(cloud), 'SIGKILL');
  const result = await migrating;
  await letGo(cloud);
  expect(result).toMatchObject({ exit: 4, json: { outcome: 'FailedRestored', version: { before: 1, after: 1 } } });
  expect(await total()).toBe(55);
}, 240_000);
