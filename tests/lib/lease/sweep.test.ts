import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { putDocument, readDocument } from '../../../lib/documents/documents.ts';
import { acquireLease } from '../../../lib/lease/acquire.ts';
import { releaseLease } from '../../../lib/lease/release.ts';
import { sweep } from '../../../lib/lease/sweep.ts';
import { beginRun } from '../../../lib/runs/begin.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { record } from '../../../lib/runs/record.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { cutoverOf, freezeOf } from '../../support/restore-documents.ts';

let bucket: Bucket;
beforeEach(async () => {
  bucket = await openBucket();
});
afterEach(() => bucket.close());

const database = 'carthub';
const now = () => new Date('2026-01-01T00:00:00Z');
const arn = (machine: string, name: string) =>
  `arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-${machine}:${name}`;
const inputs = {
  migrate: { database, release: `releases/${'0'.repeat(64)}.json`, image: 'i', target: 1, requestedBy: 'test' },
  'accept-state': { database, reason: 'looked at it', requestedBy: 'test' },
  restore: { database, order: { to: 'latest' }, reason: 'looked at it', requestedBy: 'test' },
};

async function acquire(kind: keyof typeof inputs, run: string): Promise<string> {
  const execution = arn(kind, run);
  bucket.executions.set(execution, { status: 'RUNNING' });
  const start = { kind, run, execution, startedAt: now().toISOString(), input: inputs[kind] };
  await acquireLease({ ...bucket, run: beginRun(start, database), now });
  return execution;
}

function sweepAs(name: string, ended: string | null) {
  const execution = arn('sweep', name);
  bucket.executions.set(execution, { status: 'RUNNING' });
  return sweep({ ...bucket, database, execution, ended, now });
}

const outcomeOf = async (run: string) =>
  (await readDocument(bucket.documents, keys.outcome(run), record))?.value ?? null;

test('of two sweeps of one dead run the second leaves its outcome to the first', async () => {
  const dead = await acquire('migrate', 'a');
  bucket.executions.set(dead, { status: 'ABORTED' });
  expect(await sweepAs('one', null)).toMatchObject({ run: { id: 'a' }, end: null });
  expect(await sweepAs('two', dead)).toBeNull();
  expect(await outcomeOf('a')).toBeNull();
});

test('an execution that never had the lease is recorded as refused', async () => {
  const dead = arn('migrate', 'b');
  bucket.executions.set(dead, { status: 'ABORTED' });
  expect(await sweepAs('one', dead)).toBeNull();
  expect(await outcomeOf('b')).toMatchObject({ outcome: 'Refused', error: { name: 'ExecutionOverError' } });
});

const minutesAgo = (minutes: number) => now().getTime() / 1000 - minutes * 60;

test('the clock finds what ended without an outcome, and whose event was lost', async () => {
  const held = await acquire('migrate', 'alive');
  const ends: [string, string, number][] = [
    ['lost', 'ABORTED', 10],
    ['timed-out', 'TIMED_OUT', 59],
    ['fresh', 'FAILED', 1],
    ['old', 'FAILED', 61],
    ['well', 'SUCCEEDED', 10],
  ];
  for (const [name, status, minutes] of ends) {
    bucket.executions.set(arn('migrate', name), { status, stopDate: minutesAgo(minutes) });
  }
  bucket.executions.set(arn('accept-state', 'accepting'), { status: 'ABORTED', stopDate: minutesAgo(10) });
  bucket.executions.set(arn('migrate', 'told'), { status: 'FAILED', stopDate: minutesAgo(10) });
  await putDocument(bucket.documents, keys.outcome('told'), recorded('told', 'migrate', 'FailedKept'), null);

  expect(await sweepAs('by-clock', null)).toBeNull();

  const outcomes = await Promise.all(
    [...ends.map(([name]) => name), 'accepting', 'told', 'alive'].map(async (name) => [
      name,
      (await outcomeOf(name))?.outcome ?? null,
    ]),
  );
  expect(Object.fromEntries(outcomes)).toEqual({
    ...{ lost: 'Refused', 'timed-out': 'Refused', accepting: 'Refused', told: 'FailedKept' },
    ...{ fresh: null, old: null, well: null, alive: null },
  });
  // Whose lease is not settled yet is no refusal, however long it is over.
  bucket.executions.set(held, { status: 'ABORTED', stopDate: minutesAgo(10) });
  expect(await sweepAs('next', null)).toMatchObject({ run: { id: 'alive' }, end: null });
  expect(await outcomeOf('alive')).toBeNull();
});

const dirty = { run: 'a', since: now().toISOString(), reason: 'half done', assessed: true };
const recorded = (run: string, kind: string, outcome: string) => ({
  ...{
    format: 1,
    run,
    kind,
    execution: arn(kind, run),
    database,
    outcome,
    version: { before: 1, after: 1 },
    files: [],
  },
  ...{ snapshot: null, restore: null, resumeAt: null, error: null, reassessed: null, reason: null },
  assessment: { state: 'Dirty', before: 1, after: 1, reason: 'half done', steps: [], blamed: [], notes: [] },
  ...{ requestedBy: 'x', startedAt: '', endedAt: '' },
});

test.each<[string, string, object | null]>([
  ['was recorded takes the mark away, also when its execution ended before the lease was freed', 'Accepted', null],
  ['was not recorded leaves the mark', 'Refused', { reason: 'half done' }],
])("a person's word that %s", async (_what, outcome, mark) => {
  const left = await acquire('migrate', 'a');
  await putDocument(bucket.documents, keys.outcome('a'), recorded('a', 'migrate', 'FailedKept'), null);
  await releaseLease({ documents: bucket.documents, database, execution: left, dirty });
  const accepting = await acquire('accept-state', 'c');
  if (outcome === 'Accepted') {
    await putDocument(bucket.documents, keys.outcome('c'), recorded('c', 'accept-state', outcome), null);
  }
  bucket.executions.set(accepting, { status: 'ABORTED' });
  const found = await sweepAs('one', accepting);
  expect(found).toMatchObject({ run: { id: 'a' } });
  expect(found?.end?.dirty ?? null).toEqual(mark === null ? null : expect.objectContaining(mark));
  expect(await outcomeOf('c')).toMatchObject({ outcome });
});

test('a run that has its outcome does not begin again', async () => {
  await putDocument(bucket.documents, keys.outcome('a'), recorded('a', 'migrate', 'FailedKept'), null);
  await expect(acquire('migrate', 'a')).rejects.toMatchObject({ name: 'RunOverError' });
});

test.each(['migrate', 'restore'] as const)(
  'of a dead %s it is told what is half done, until its outcome is',
  async (kind) => {
    const dead = await acquire(kind, 'a');
    bucket.executions.set(dead, { status: 'ABORTED' });
    expect(await sweepAs('one', dead)).toMatchObject({ run: { id: 'a', kind }, recovery: 'none' });
    await putDocument(bucket.documents, keys.restore.freeze('a'), freezeOf('a'), null);
    expect(await sweepAs('one', dead)).toMatchObject({ recovery: 'freeze', end: null });
    await putDocument(bucket.documents, keys.restore.cutover('a'), cutoverOf('a', {}), null);
    expect(await sweepAs('one', dead)).toMatchObject({ recovery: 'cutover', error: { Error: 'ExecutionOverError' } });
    await putDocument(bucket.documents, keys.outcome('a'), recorded('a', kind, 'FailedKept'), null);
    expect(await sweepAs('one', dead)).toMatchObject({ recovery: 'none', end: { outcome: 'FailedKept' } });
  },
);
