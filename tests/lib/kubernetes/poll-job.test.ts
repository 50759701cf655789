import { expect, test } from '@jest/globals';
import { nextWait } from '../../../lib/kubernetes/poll-job.ts';

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
