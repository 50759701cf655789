import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { putDocument, readDocument } from '../../../lib/documents/documents.ts';
import { concludeRun } from '../../../lib/runs/conclude.ts';
import type { FinalState } from '../../../lib/runs/final-state.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { record } from '../../../lib/runs/record.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

const fault = { name: 'SqlError', message: 'no', remedy: null, place: null };
const file = (durationMs: number) => ({ version: 2, file: '002.do.b.sql', durationMs });
const verdict = (run: string, durationMs: number) => ({
  ...{ format: 1, run, result: 'failed', version: { before: 1, after: 2 } },
  ...{ files: [file(durationMs)], error: fault },
});

/** As the sweeper concludes a run that was stopped: it knows nothing but what was settled. */
function swept(id: string, changes: Partial<FinalState> = {}): FinalState {
  const assessment = { state: 'AtVersion' as const, before: 1, after: 2, resumeAt: null, notes: [] };
  return {
    run: loneRun(id, { target: 3 }),
    ...{ plan: null, snapshot: null, job: null, acceptance: null, settleError: null, restoration: null },
    ...{ settlement: { assessment }, retention: null },
    error: { Error: 'ExecutionOverError', Cause: 'The execution is ABORTED.' },
    ...changes,
  };
}

const conclude = (state: FinalState) =>
  concludeRun({ documents: bucket.documents, state, by: 'sweep', now: new Date('2026-01-01T01:00:00Z') });
const outcomeOf = async (run: string) =>
  (await readDocument(bucket.documents, keys.outcome(run), record))?.value ?? null;
const put = (key: string, value: unknown) => putDocument(bucket.documents, key, value, null);
const putText = (key: string, Body: string) =>
  bucket.documents.s3.send(new PutObjectCommand({ Bucket: bucket.documents.bucket, Key: key, Body }));

const NO_USE: [string, (run: string) => string][] = [
  ['that is not JSON', () => '{"format": 1, "run'],
  ['that is empty', () => '\n'],
  ['of another shape', (run) => JSON.stringify({ format: 1, run, files: 'none', id: 7 })],
  ['of a version that nobody knows', (run) => JSON.stringify({ ...verdict(run, 1), format: 99 })],
];

test.each(NO_USE)('a document %s stops nobody from telling the outcome, which names it', async (what, text) => {
  for (const key of [keys.report, keys.verdict, keys.applied, keys.snapshot]) {
    const run = `${what} ${key('x')}`.replaceAll(/[^a-z]+/g, '-');
    await putText(key(run), text(run));
    expect(await conclude(swept(run))).toMatchObject({ outcome: 'FailedPartway', dirty: null });
    expect(await outcomeOf(run)).toMatchObject({
      ...{ files: [], snapshot: null, error: { name: 'ExecutionOverError' } },
      notes: [expect.stringContaining(`cannot be read and counts as not there: ${key(run)}`)],
    });
  }
});

test.each(NO_USE)('an outcome %s is told anew, and what was there stays as an earlier version', async (what, text) => {
  const run = `outcome ${what}`.replaceAll(' ', '-');
  await putText(keys.outcome(run), text(run));
  const end = await conclude(swept(run));
  expect(end).toMatchObject({ outcome: 'FailedPartway' });
  expect(await outcomeOf(run)).toMatchObject({ notes: [expect.stringContaining(keys.outcome(run))] });
  expect(await conclude(swept(run, { settlement: null }))).toEqual(end);
});

test('without the whole report the word that the pod handed over counts', async () => {
  await putText(keys.report('handed'), 'half');
  await put(keys.verdict('handed'), verdict('handed', 7));
  await conclude(swept('handed'));
  expect(await outcomeOf('handed')).toMatchObject({ files: [file(7)], error: { name: 'SqlError' } });
});

test("another run's word is not taken for this one's", async () => {
  await put(keys.report('mine'), verdict('another', 7));
  await conclude(swept('mine'));
  expect(await outcomeOf('mine')).toMatchObject({
    ...{ files: [], error: { name: 'ExecutionOverError' } },
    notes: [expect.stringContaining('is of the run another')],
  });
});

test('the outcome of a run that was stopped names its snapshot, and the files that the database has of it', async () => {
  await put(keys.snapshot('stopped'), { format: 1, run: 'stopped', id: 'migrate-1', instance: 'carthub-db' });
  await put(keys.applied('stopped'), { format: 1, run: 'stopped', files: [file(12)] });
  await conclude(swept('stopped'));
  expect(await outcomeOf('stopped')).toMatchObject({ snapshot: 'migrate-1', files: [file(12)], notes: [] });
});

test('a record from before there were notes is read', async () => {
  await conclude(swept('old'));
  const { s3, bucket: Bucket } = bucket.documents;
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: keys.outcome('old') }));
  const { notes: _, ...old } = JSON.parse((await got.Body?.transformToString()) ?? '');
  await put(keys.outcome('older'), old);
  expect(await outcomeOf('older')).toMatchObject({ notes: [] });
});
