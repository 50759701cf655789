import type { DBSnapshot } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readDocument } from '../../../lib/documents/documents.ts';
import { createSnapshot, KEEP_TAG, keepSnapshot, RUN_TAG } from '../../../lib/rds/snapshot.ts';
import { jobName, keys } from '../../../lib/runs/keys.ts';
import { madeSnapshot } from '../../../lib/runs/made-snapshot.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { rdsError, stubRds } from '../../support/rds-stub.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

let runs = 0;

/** Asks for a snapshot of which RDS says `refusal`, and of which it then shows `there`. */
async function create(refusal: string | null, there: (run: string) => DBSnapshot | null = () => null) {
  runs += 1;
  const run = `run-${runs}`;
  const { rds, calls } = stubRds({
    CreateDBSnapshotCommand: () => {
      if (refusal !== null) throw rdsError(refusal);
      return {};
    },
    DescribeDBSnapshotsCommand: () => {
      const found = there(run);
      if (found === null) throw rdsError('DBSnapshotNotFoundFault');
      return { DBSnapshots: [found] };
    },
  });
  const wanted = {
    rds,
    documents: bucket.documents,
    database: 'shop',
    instance: 'shop-db',
    id: `migrate-${runs}`,
    run,
    now: new Date(),
  };
  const made = async () => (await readDocument(bucket.documents, keys.snapshot(run), madeSnapshot))?.value ?? null;
  return { progress: await createSnapshot(wanted).catch((error) => error), calls, made, run };
}

const of = (run: string, instance = 'shop-db') => ({
  ...{ DBSnapshotIdentifier: 'x', DBInstanceIdentifier: instance, Status: 'creating' },
  TagList: [{ Key: RUN_TAG, Value: run }],
});
const REFUSALS = ['DBSnapshotAlreadyExistsFault', 'InvalidDBInstanceStateFault', 'SnapshotQuotaExceededFault'];

test('a snapshot that was asked for is kept by name before anything else happens', async () => {
  const { progress, made, run, calls } = await create(null);
  expect(progress).toMatchObject({ id: `migrate-${runs}`, done: false });
  expect(await made()).toEqual({ format: 1, run, id: `migrate-${runs}`, instance: 'shop-db' });
  expect(calls).toEqual(['CreateDBSnapshotCommand']);
});

test.each(REFUSALS)('after %s the snapshot that an earlier try of this run made is adopted', async (refusal) => {
  const { progress, made } = await create(refusal, of);
  expect(progress).toMatchObject({ id: `migrate-${runs}`, done: false });
  expect(await made()).toMatchObject({ id: `migrate-${runs}` });
});

test.each(REFUSALS)("after %s another's snapshot of the same name is not taken for ours", async (refusal) => {
  for (const there of [
    () => of('another'),
    (run: string) => of(run, 'another-db'),
    () => ({ DBSnapshotIdentifier: 'x' }),
  ]) {
    const { progress, made } = await create(refusal, there);
    expect(progress).toMatchObject({ name: 'SnapshotNameTakenError' });
    expect(await made()).toBeNull();
  }
});

test.each([
  ['InvalidDBInstanceStateFault', 'InstanceNotAvailableError'],
  ['SnapshotQuotaExceededFault', 'SnapshotQuotaExceededFault'],
])('%s with no snapshot of ours is what it says', async (refusal, name) => {
  const { progress, made } = await create(refusal);
  expect(progress).toMatchObject({ name });
  expect(await made()).toBeNull();
});

test('runs of one name on two databases, and names that meet when put together, make different names', () => {
  const names = [
    jobName('a', 'run'),
    jobName('b', 'run'),
    jobName('a', 'b/run'),
    jobName('a/b', 'run'),
    jobName('ar', 'un'),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(jobName('a', 'run')).toBe(jobName('a', 'run'));
});

test.each<[string, DBSnapshot | null, { kept: boolean }, object[]]>([
  [
    'is marked',
    { DBSnapshotArn: 'arn' },
    { kept: true },
    [{ ResourceName: 'arn', Tags: [{ Key: KEEP_TAG, Value: 'dirty' }] }],
  ],
  ['that is marked stays as it is', { TagList: [{ Key: KEEP_TAG, Value: 'older' }] }, { kept: true }, []],
  ['that was never made is none to mark', null, { kept: false }, []],
])('a snapshot that is to be kept %s', async (_what, found, answer, marked) => {
  const marks: object[] = [];
  const { rds } = stubRds({
    AddTagsToResourceCommand: (input) => {
      marks.push(input);
      return {};
    },
    DescribeDBSnapshotsCommand: () => {
      if (found === null) throw rdsError('DBSnapshotNotFoundFault');
      return { DBSnapshots: [found] };
    },
  });
  expect(await keepSnapshot({ rds, id: 'migrate-1', why: 'dirty' })).toEqual(answer);
  expect(marks).toEqual(marked);
});
