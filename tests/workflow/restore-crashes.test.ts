import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { type CrashPoint, callsSince } from '../support/crash-points.ts';
import { type Crash, crashedRestore, hurry, latest } from '../support/crashed-restore.ts';
import { standing, violations } from '../support/restore-invariant.ts';

/** The most dangerous of the calls that bench/restore-crashes.ts crashes a restore at: one after the other, each restore taking up the one before. */
let cloud: TestCloud;
const rows: string[] = [];
beforeAll(async () => {
  // Each look at what RDS is at costs more than waiting for it.
  cloud = await startTestCloud({ timeScale: 0.05 });
  await hurry(cloud);
  const made = await cloud.migrate({ '001.do.ledger.sql': 'create table ledger (what text primary key);\n' });
  expect(made).toMatchObject({ exit: 0 });
  await cloud.query('create table written (id serial primary key, at timestamptz)');
}, 120_000);
afterAll(() => cloud?.stop());

const at = (by: string, operation: string, where: Record<string, string> = {}): CrashPoint => ({
  ...{ service: operation === 'PutObject' ? 's3' : 'rds', operation, where, skip: 0, hasEffect: true },
  by: `carthub-db-carthub-${by}`,
});
const FIRST_RENAME = at('cut-over', 'ModifyDBInstance', {
  DBInstanceIdentifier: 'carthub-db',
  ApplyImmediately: 'true',
});
const SECOND_RENAME = at('cut-over', 'ModifyDBInstance', { NewDBInstanceIdentifier: 'carthub-db' });

/** Restores as often as it takes, crashed each time at the next of `crashes`; the outcomes. Nothing is wrong after any of them. */
async function restore(name: string, crashes: readonly (Crash | null)[]): Promise<string[]> {
  const input = await latest(cloud);
  await cloud.query('insert into ledger values ($1)', [name]);
  rows.push(name);
  const outcomes: string[] = [];
  let resume = {};
  for (const [index, crash] of crashes.entries()) {
    const run = `${name}-${index}`;
    const before = await standing(cloud);
    const record = await crashedRestore(cloud, run, { ...input, ...resume }, crash);
    expect([run, ...(await violations(cloud, { run, record, before, rows }))]).toEqual([run]);
    outcomes.push(record.outcome);
    resume = { resume: run };
  }
  return outcomes;
}

test('a restore that crashes again and again keeps the old instance serving, and is taken up again until it has the name', async () => {
  const outcomes = await restore('before', [
    { point: at('restore-beside', 'RestoreDBInstanceToPointInTime'), when: 'after', how: 'stopped' },
    { point: at('freeze', 'ModifyDBInstance'), when: 'after', how: 'stopped' },
    { point: at('replay-writes', 'PutObject'), when: 'before', how: 'dies' },
    { point: FIRST_RENAME, when: 'before', how: 'dies' },
    { point: FIRST_RENAME, when: 'after', how: 'stopped' },
  ]);
  expect(outcomes).toEqual(['FailedKept', 'FailedKept', 'FailedKept', 'FailedKept', 'Restored']);
}, 240_000);

test('one that fails at the second rename goes back, and one that is stopped there goes forward', async () => {
  const outcomes = await restore('between', [
    { point: SECOND_RENAME, when: 'after', how: 'dies' },
    { point: SECOND_RENAME, when: 'before', how: 'stopped' },
  ]);
  expect(outcomes).toEqual(['FailedKept', 'Restored']);
}, 120_000);

test('one that fails when the application is in already is tidied up all the same', async () => {
  const crash: Crash = { point: at('retire-instance', 'RemoveTagsFromResource'), when: 'before', how: 'dies' };
  expect(await restore('tidied', [crash])).toEqual(['Restored']);
}, 120_000);

test('one that is stopped when the application is let in is finished; between its renames nothing but describe calls happened', async () => {
  const since = new Date();
  const crash: Crash = { point: at('admit-application', 'ModifyDBInstance'), when: 'after', how: 'stopped' };
  expect(await restore('after', [crash])).toEqual(['Restored']);
  const calls = await callsSince(cloud, since);
  const ours = calls.filter(({ service, by }) => service !== 'lambda' && by !== null && !by.endsWith('-adopt-lease'));
  const renames = ours.flatMap(({ input }, index) => (input.NewDBInstanceIdentifier === undefined ? [] : [index]));
  expect(renames.map((index) => ours[index]?.input.NewDBInstanceIdentifier)).toEqual([
    expect.stringMatching(/^carthub-db-retired-/),
    'carthub-db',
  ]);
  const between = ours.slice((renames[0] ?? 0) + 1, renames[1]);
  expect(between.length).toBeGreaterThan(0);
  expect(new Set(between.map(({ operation }) => operation))).toEqual(new Set(['DescribeDBInstances']));
}, 120_000);
