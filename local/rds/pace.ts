import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from './context.ts';

/**
 * How long RDS takes for a thing at least, in its own seconds: `renaming` is how long nothing answers under either name,
 * `hydration` how long after a restore the blocks of the storage still come from S3, `shipping` how often WAL is archived.
 */
export const SECONDS = {
  ...{ backup: 10, modification: 10, renaming: 120, reboot: 5, deletion: 10 },
  ...{ hydration: 300, shipping: 300 },
};
export type Pace = typeof SECONDS;
/** Whoever looks right after the call must see the status, however small the time scale. */
const FLOOR_MS = 150;

/** Does the work, which takes as long as it takes, and not less than its kind does on RDS, scaled. */
export async function atPace<T>(
  context: Pick<Context, 'timeScale' | 'pace'>,
  kind: keyof Pace,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const pause = delay(Math.max(scaled(context, kind), FLOOR_MS), undefined, { signal });
  const [result] = await Promise.all([work(), pause]);
  return result;
}

/** How long a thing takes here, in milliseconds. */
export function scaled({ timeScale, pace }: Pick<Context, 'timeScale' | 'pace'>, kind: keyof Pace): number {
  return pace[kind] * 1000 * timeScale;
}
