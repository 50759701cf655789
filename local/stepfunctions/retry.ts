import type { Retrier } from './definition.ts';
import { isNamed, type StateFailure } from './failure.ts';

/**
 * The retries of one visit to a state: each retrier counts its own
 * (https://states-language.net/spec.html#errors).
 */
export type Retries = {
  /** Milliseconds to wait before the next attempt, null when there is none. */
  after(failure: StateFailure): number | null;
  readonly count: number;
};

export function startRetries(retriers: Retrier[], options: { timeScale: number; random: () => number }): Retries {
  const used = retriers.map(() => 0);
  let count = 0;
  return {
    get count() {
      return count;
    },
    after(failure) {
      const index = retriers.findIndex(({ ErrorEquals }) => isNamed(ErrorEquals, failure.error));
      const retrier = retriers[index];
      const attempts = used[index];
      if (!retrier || attempts === undefined || attempts >= (retrier.MaxAttempts ?? 3)) return null;
      used[index] = attempts + 1;
      count += 1;
      const grown = (retrier.IntervalSeconds ?? 1) * (retrier.BackoffRate ?? 2) ** attempts;
      const seconds = Math.min(grown, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
      const jitter = retrier.JitterStrategy === 'FULL' ? options.random() : 1;
      return seconds * jitter * options.timeScale * 1000;
    },
  };
}
