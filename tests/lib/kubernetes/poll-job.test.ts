import { expect, test } from '@jest/globals';
import { readDocument } from '../../../lib/documents/documents.ts';
import type { KubernetesClient } from '../../../lib/kubernetes/client.ts';
import { nextWait, pollJob } from '../../../lib/kubernetes/poll-job.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { verdict } from '../../../lib/runs/verdict.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';

/** Wait entered and exited, Task entered, scheduled, started, succeeded and exited, Choice entered and exited. */
const EVENTS_A_LOOK = 9;
const HISTORY_LIMIT = 25_000;

test('a Job of 24 hours stays under a quarter of the history that an execution may have', () => {
  let looks = 0;
  for (let age = 0; age < 24 * 3600; age += nextWait(age)) looks += 1;
  expect(looks * EVENTS_A_LOOK).toBeLessThan(HISTORY_LIMIT / 4);
});

test('the end of a Job is seen at most a twentieth of its age late, and never more than three minutes', () => {
  for (const age of [60, 600, 3600, 86_400]) expect(nextWait(age)).toBeLessThanOrEqual(Math.min(age / 20 + 1, 180));
  expect(nextWait(0)).toBe(2);
});

const said = (run: string) => ({
  ...{ format: 1, run, result: 'failed', version: { before: 1, after: 1 }, files: [] },
  error: { name: 'SqlError', message: `the word of ${run}`, remedy: null, place: null },
});

/** Polls a failed Job whose container left `message`. */
function pollFailed(message: string, bucket: Bucket, run: string) {
  const state = { terminated: { exitCode: 1, reason: 'Error', message } };
  const pod = { metadata: { name: 'p' }, status: { phase: 'Failed', containerStatuses: [{ name: 'c', state }] } };
  const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }];
  const kubernetes: KubernetesClient = {
    call: async (_method, path) => ({
      status: 200,
      body: path.includes('/pods') ? { items: [pod] } : { metadata: { name: 'j' }, status: { conditions } },
    }),
  };
  const now = new Date('2026-01-01T00:00:00Z');
  return pollJob({
    ...{ kubernetes, documents: bucket.documents, namespace: 'n', run: loneRun(run), name: 'j', now },
    ...{ launchedAt: now.toISOString(), deadlineSeconds: 60 },
  });
}

test("a run's own word is kept and told, another's is neither", async () => {
  const bucket = await openBucket();
  try {
    await expect(pollFailed(JSON.stringify(said('mine')), bucket, 'mine')).rejects.toThrow('the word of mine');
    expect(await readDocument(bucket.documents, keys.verdict('mine'), verdict)).not.toBeNull();
    await expect(pollFailed(JSON.stringify(said('another')), bucket, 'this')).rejects.toThrow('BackoffLimitExceeded');
    expect(await readDocument(bucket.documents, keys.verdict('this'), verdict)).toBeNull();
  } finally {
    await bucket.close();
  }
});
