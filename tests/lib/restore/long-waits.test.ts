import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { type CutoverOptions, cutOver } from '../../../lib/restore/cut-over.ts';
import type { CutoverJournal } from '../../../lib/restore/cutover-journal.ts';
import { again } from '../../../lib/restore/loop.ts';
import { stubRds } from '../../support/rds-stub.ts';

/** https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const MOST_EVENTS = 25_000;
/** Of a Task that calls a function five, of a Choice and a Wait two each; with a look at the freeze in between, and without. */
const EVENTS = { whileTheCopyIsMade: 18, whileNamesAreExchanged: 9 };
const BEGAN = Date.parse('2026-01-31T12:00:00.000Z');
/** What is there of a call besides its wait. */
const CALL_MS = 1000;

/** How often is looked until the answer is that it takes too long. */
async function looks(look: (now: Date) => Promise<{ waitSeconds: number }>): Promise<number> {
  for (let [count, now] = [0, BEGAN]; ; count += 1) {
    try {
      now += (await look(new Date(now))).waitSeconds * 1000 + CALL_MS;
    } catch (error) {
      expect(error).toMatchObject({ name: 'RestoreOverdueError' });
      return count;
    }
  }
}

test('a day until the copy is there, and a day until its storage is loaded, fit into the history of one execution', async () => {
  const limits = { maxSeconds: 24 * 3600, what: 'It', remedy: 'Wait.' };
  const day = await looks(async (now) => again(new Date(BEGAN).toISOString(), { now, ...limits }));
  expect(2 * day * EVENTS.whileTheCopyIsMade).toBeLessThan(MOST_EVENTS * 0.9);
});

const journal: CutoverJournal = {
  ...{ format: 1, run: 'run-1', name: 'carts', retired: 'carts-retired', wasProtected: true, reversed: null },
  ...{ old: { resourceId: 'db-1', identifier: 'carts' }, copy: { resourceId: 'db-2', identifier: 'carts-copy' } },
  ...{ found: null, doing: { step: 'exchange', at: new Date(BEGAN).toISOString() } },
  steps: {
    ...{ fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null },
    ...{ verified: null, admitted: null, retired: null },
  },
};

test('so do hours in which RDS exchanges the names, forward and back, and the first minutes are looked at closely', async () => {
  const DBInstances = [
    { DbiResourceId: 'db-1', DBInstanceIdentifier: 'carts-retired', DBInstanceStatus: 'renaming' },
    { DbiResourceId: 'db-2', DBInstanceIdentifier: 'carts-copy', DBInstanceStatus: 'modifying' },
  ];
  const { rds } = stubRds({ DescribeDBInstancesCommand: () => ({ DBInstances }) });
  const fail = () => Promise.reject(new Error('While names are exchanged only RDS is asked.'));
  const options = (now: Date): CutoverOptions => ({
    ...{ rds, run: 'run-1', plan: fail, token: 1, opsGroup: 'sg-ops', isBackward: false, now: () => now },
    ...{ withInstance: fail, credentials: { open: fail, current: fail } },
    documents: { s3: new S3Client({ region: 'eu-west-1' }), bucket: 'none' },
    progress: { startedAt: new Date(BEGAN).toISOString(), exchanging: journal },
  });
  const waits: number[] = [];
  const hours = await looks(async (now) => {
    const told = await cutOver(options(now));
    waits.push(told.waitSeconds);
    return told;
  });
  expect(2 * hours * EVENTS.whileNamesAreExchanged).toBeLessThan(MOST_EVENTS * 0.9);
  expect(waits.slice(0, 10)).toEqual(Array(10).fill(2));
});
