import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keys } from '../../lib/runs/keys.ts';
import { type Restoration, restoration } from '../../lib/runs/restoration.ts';
import { type Result, startTestCloud, type TestCloud } from '../support/cloud.ts';
import { endLedgers, holdLossAgainst, refusedBeside, restoreTo, stoppedBetween } from '../support/ledger-restores.ts';
import { differingRows, LEDGER_TABLES, type Ledgers, startLedgers } from '../support/ledgers.ts';
import { held, holdAt, letGo, type Point } from '../support/pause.ts';
import { podProcess } from '../support/pod.ts';
import { until } from '../support/until.ts';

let cloud: TestCloud;
let ledgers: Ledgers;
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
  await cloud.query('insert into carts (total) select n from generate_series(1, 10) n');
}, 120_000);
afterAll(async () => {
  await ledgers?.stop();
  await cloud?.stop();
});

const BASE = { '001.do.base.sql': `create table carts (id serial primary key, total int not null);${LEDGER_TABLES}` };
const BACKFILL = {
  ...BASE,
  '002.do.backfill.sql': `-- carthub: no-transaction
update carts set total = total + 100 where id <= 5;
update carts set total = total + 100 where id > 5;
`,
};

const cart = async (id: number) =>
  (await cloud.query<{ total: number }>('select total from carts where id = $1', [id]))[0]?.total ?? null;
const history = () => cloud.query('select version, sha256, run_id from carthub_db.schemaversion order by version');

/** A run is killed at this point; others write before that. */
async function kill(
  { files, at: [point, version], args = [] }: { files: Record<string, string>; at: [Point, number]; args?: string[] },
  write: () => Promise<unknown>,
): Promise<Result> {
  await holdAt(cloud, point, version);
  const migrating = cloud.migrate(files, ...args);
  await held(cloud);
  await write();
  process.kill(await podProcess(cloud), 'SIGKILL');
  const result = await migrating;
  await letGo(cloud);
  return result;
}

/** A backfill is killed when its first half is committed. */
const killHalfDone = (write: () => Promise<unknown>) =>
  kill({ files: BACKFILL, at: ['between two statements', 2] }, write);

/** The application was stopped in this time and not in any other, and the report says so. */
async function expectStopped(restored: Restoration | null, run: string): Promise<void> {
  const stopped = await stoppedBetween(cloud, run);
  const { since, until } = stopped;
  expect(restored?.frozenSeconds).toBeCloseTo((until - since) / 1000, 0);
  expect(refusedBeside(ledgers, stopped)).toEqual([]);
  // They wrote until it was stopped and from when they were let in.
  expect(ledgers.acknowledged.filter((at) => at < since).length).toBeGreaterThan(50);
  expect(ledgers.acknowledged.some((at) => at > until)).toBe(true);
}

test('a half-done backfill is put back while four clients write, and nothing that a ledger holds is missing', async () => {
  const before = await history();
  ledgers = startLedgers(cloud.session);
  const { exit, json } = await killHalfDone(() =>
    cloud.query(
      `update carts set total = 70 where id = 7; insert into carts (total) values (50); delete from carts where id = 10`,
    ),
  );
  const found = await endLedgers(cloud, ledgers);
  // A pod of the run that nobody could end carries the token of before, and commits nothing on the copy either.
  const [fence] = await cloud.query<{ token: number }>('select token::int from carthub_db.fence');
  expect(await cloud.document('leases/carthub.json')).toMatchObject({ token: fence?.token });
  expect({ exit, json }).toMatchObject({
    exit: 4,
    json: {
      outcome: 'FailedRestored',
      version: { before: 1, after: 1 },
      restore: { done: true, loss: { proved: true } },
    },
  });
  expect(differingRows(ledgers.rows, found)).toEqual([]);
  expect(ledgers.rows.size).toBeGreaterThan(100);
  await expectStopped(restoration.parse(json.restore), String(json.run));
  expect(await Promise.all([1, 5, 6, 7, 10, 11].map(cart))).toEqual([1, 5, 6, 70, null, 50]);
  expect(await history()).toEqual(before);
}, 240_000);

test('a row that both changed is not guessed about: the database is kept, and the one command that is told finishes it', async () => {
  const kept = await killHalfDone(() =>
    cloud.query(`update carts set total = 1000 where id = 1; insert into items values (-1, 9, 'theirs')`),
  );
  expect(kept).toMatchObject({
    exit: 5,
    json: {
      outcome: 'FailedKept',
      restore: { done: false, loss: { proved: false, rows: { 'public.carts': 1 } } },
    },
  });
  const { conflicts, finish } = restoration.parse(kept.json.restore);
  expect(conflicts).toEqual([
    expect.stringMatching(/live: \{"id":"1","total":"1000"\}[\s\S]*copy: \{"id":"1","total":"1"\}[\s\S]*update only/),
  ]);
  expect(finish).toBe(`carthub-db restore --resume ${kept.json.run}`);
  expect(await cart(1)).toBe(1000);

  const resume = (run: unknown, accepted: string) => [
    ...['restore', '--resume', String(run), '--reason', 'a test', '--accept-loss', accepted, '--accept-window', '1s'],
  ];
  const refused = await cloud.cli(...resume(kept.json.run, 'public.carts=0'));
  expect(refused).toMatchObject({ exit: 8, json: { outcome: 'NeedsAcceptance', restore: { done: false } } });
  expect(await cart(1)).toBe(1000);
  const finished = await cloud.cli(...resume(refused.json.run, 'public.carts=1'));
  expect(finished).toMatchObject({
    exit: 0,
    json: { outcome: 'Restored', restore: { loss: { rows: { 'public.carts': 1 } } } },
  });
  expect(await Promise.all([1, 5].map(cart))).toEqual([1, 5]);
  expect(await cloud.query('select note from items where id = -1')).toEqual([{ note: 'theirs' }]);
  const lost = await cloud.text(keys.restore.lost(String(finished.json.run)));
  expect(JSON.parse(lost ?? '')).toMatchObject({
    table: 'public.carts',
    kind: 'update',
    key: { id: '1' },
    live: { total: '1000' },
  });
}, 240_000);

test('to a moment, all that came after it is lost: with a word for it, and each row of it is in the report', async () => {
  ledgers = startLedgers(cloud.session, { earlier: 1_000 });
  // A whole second, and none from before the restore of the test before was over.
  const [next] = await cloud.query<{ at: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC' + interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`,
  );
  const moment = Date.parse(String(next?.at));
  await until('writes after it', async () => ledgers.acknowledged.filter((at) => at > moment).length > 200);
  const record = await restoreTo(cloud, 'to-a-moment', String(next?.at));
  const found = await endLedgers(cloud, ledgers);
  expect(record).toMatchObject({ outcome: 'Restored', restore: { done: true, loss: { proved: false } } });
  await expectStopped(record.restore, record.run);

  const loss = await holdLossAgainst({ cloud, ledgers, run: record.run, found });
  expect(loss).toMatchObject({ wrong: [] });
  expect(loss.missing).toBeGreaterThan(100);
}, 240_000);

test('what stops between two versions is put back where that was asked for, and only there', async () => {
  // The moment to which the test before went had its trigger.
  await letGo(cloud);
  const files = {
    ...BASE,
    '002.do.count.sql': 'update carts set total = total + 1;\n',
    '003.do.wrong.sql': 'select 1 / 0;\n',
  };
  const restored = await kill({ files, at: ['before a file', 3], args: ['--on-failure', 'restore'] }, () =>
    cloud.query(`update carts set total = 500 where id = 2; insert into items values (-2, 9, 'theirs')`),
  );
  expect(restored).toMatchObject({
    exit: 4,
    json: { outcome: 'FailedRestored', restore: { done: true, loss: { proved: false, rows: { 'public.carts': 1 } } } },
  });
  expect(await Promise.all([1, 2].map(cart))).toEqual([1, 2]);
  expect(await cloud.query('select note from items where id = -2')).toEqual([{ note: 'theirs' }]);

  const left = await cloud.migrate(files);
  expect(left).toMatchObject({ exit: 6, json: { outcome: 'FailedPartway', version: { after: 2 }, restore: null } });
}, 240_000);
