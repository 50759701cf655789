import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from './context.ts';

/** How long RDS takes for a thing at least, in its own seconds. */
const SECONDS = { backup: 10, modification: 10, renaming: 30, reboot: 5, deletion: 10 };
/** Whoever looks right after the call must see the status, however small the time scale. */
const FLOOR_MS = 150;

/** Does the work, which takes as long as it takes, and not less than its kind does on RDS, scaled. */
export async function atPace<T>(
  { timeScale }: Pick<Context, 'timeScale'>,
  kind: keyof typeof SECONDS,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const pause = delay(Math.max(SECONDS[kind] * 1000 * timeScale, FLOOR_MS), undefined, { signal });
  const [result] = await Promise.all([work(), pause]);
  return result;
}
