import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Result, startTestCloud, type TestCloud } from '../support/cloud.ts';
import { podProcess } from '../support/pod.ts';
import { openSession } from '../support/secret.ts';
import { until } from '../support/until.ts';

/** One database after the other failure, while another session changes its rows and its schema. */
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0, json: { outcome: 'Migrated', differences: [] } });
}, 120_000);
afterAll(() => cloud?.stop());

const BASE = {
  '001.do.carts.sql':
    'create table carts (id serial primary key, total int not null);\ncreate index by_total on carts (total);\n',
};
const WAIT = 'select pg_advisory_xact_lock(42);\n';
const NOTES = { ...BASE, '002.do.notes.sql': `create table notes (id int primary key);\n${WAIT}` };
const ACCEPTING = ['--on-drift', 'list', '--on-failure', 'keep'];

/** Migrates, and runs `others` in another session when the run waits in its file. */
async function migrate(
  files: Record<string, string>,
  options: { others: string; args?: string[]; afterwards?: () => Promise<void> },
): Promise<Result> {
  const session = await openSession(cloud);
  await session.query('select pg_advisory_lock(42)');
  const migrating = cloud.migrate(files, ...(options.args ?? ACCEPTING));
  await until('the run', () => waiting(`application_name like 'migrate-%' and wait_event = 'advisory'`));
  await session.query(`insert into carts (total) values (1); ${options.others}`);
  await options.afterwards?.();
  await session.end();
  return migrating;
}

async function waiting(where: string): Promise<boolean> {
  return (await cloud.query(`select pid from pg_stat_activity where ${where} and pid <> pg_backend_pid()`)).length > 0;
}

const index = (name: string, what: string, whose: string) =>
  expect.objectContaining({ what, kind: 'index', name: `public.carts.${name}`, whose });

test("what another session did to the schema is told, and is no reason to call the run's own work wrong", async () => {
  const others = 'create index by_hand on carts (id, total)';
  expect(await migrate(NOTES, { others })).toMatchObject({
    exit: 0,
    json: { outcome: 'Migrated', differences: [index('by_hand', 'unexpected', 'others')] },
  });
}, 120_000);

test('drift is refused object by object, or listed where that is asked for', async () => {
  const next = { ...NOTES, '003.do.more.sql': 'create table more (id int);\n' };
  const refused = await cloud.migrate(next);
  expect(refused).toMatchObject({
    exit: 7,
    json: {
      outcome: 'Refused',
      error: { name: 'DriftError', message: expect.stringContaining('index public.carts.by_hand is unexpected') },
      differences: [index('by_hand', 'unexpected', 'before')],
    },
  });
  expect(refused.json.error?.remedy).toContain('--on-drift list');
}, 120_000);

test('untouched: nothing of the run is there, and what others did is named', async () => {
  const failing = { ...NOTES, '003.do.fails.sql': `create table more (id int);\n${WAIT}select 1/0;\n` };
  expect(await migrate(failing, { others: 'alter table carts add column note text' })).toMatchObject({
    exit: 3,
    json: {
      outcome: 'FailedUntouched',
      assessment: { state: 'Untouched', notes: [expect.stringContaining('column public.carts.note is unexpected')] },
      differences: expect.arrayContaining([
        index('by_hand', 'unexpected', 'before'),
        expect.objectContaining({ kind: 'column', name: 'public.carts.note', whose: 'others' }),
      ]),
    },
  });
}, 120_000);

test('partway: whole files are as they should be, whatever others did', async () => {
  const failing = {
    ...NOTES,
    '003.do.more.sql': `create table more (id int);\n${WAIT}`,
    '004.do.fails.sql': 'select 1/0;\n',
  };
  const result = await migrate(failing, { others: 'drop index by_total' });
  expect(result).toMatchObject({
    exit: 6,
    json: { outcome: 'FailedPartway', assessment: { state: 'AtVersion', after: 3 } },
  });
  expect(result.json.differences).toContainEqual(index('by_total', 'missing', 'others'));
}, 120_000);

test('dirty: which objects are not as they should be, whose they are, and which steps began and ended', async () => {
  await cloud.query('create index by_total on carts (total)');
  const files = {
    ...NOTES,
    '003.do.more.sql': `create table more (id int);\n${WAIT}`,
    '004.do.index.sql': `-- carthub: no-transaction
drop index concurrently by_total;
create index concurrently by_id_total on carts (total, id);
${WAIT}create index concurrently by_total on carts (total desc);
`,
  };
  const result = await migrate(files, {
    others: 'create view seen as select id from carts',
    afterwards: async () => process.kill(await podProcess(cloud), 'SIGKILL') && undefined,
  });
  expect(result).toMatchObject({
    exit: 5,
    json: {
      outcome: 'FailedKept',
      assessment: {
        state: 'Dirty',
        reason: expect.stringContaining('004.do.index.sql was interrupted in its statement 3'),
        steps: [
          { step: 1, end: 'done' },
          { step: 2, end: 'done' },
          { step: 3, end: 'unknown' },
        ],
      },
    },
  });
  const found = result.json.differences;
  expect(found).toContainEqual(index('by_total', 'missing', 'ours'));
  expect(found).toContainEqual(index('by_id_total', 'unexpected', 'ours'));
  expect(found).toContainEqual(index('by_hand', 'unexpected', 'before'));
  // While that statement was under way, which left no word of its end, so the ids prove nothing.
  expect(found).toContainEqual(expect.objectContaining({ kind: 'view', name: 'public.seen', whose: 'unknown' }));
}, 120_000);
