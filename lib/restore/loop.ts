import * as z from 'zod/mini';
import { RestoreOverdueError } from './errors.ts';

/** Of every step that is asked again until it is done. */
export type Loop = { done: boolean; waitSeconds: number; startedAt: string };

/** What such a step gets back of its own last answer. */
export const loop = { done: z.boolean(), waitSeconds: z.int(), startedAt: z.iso.datetime() };

const SHORTEST_WAIT = 2;
/**
 * A look costs a machine up to 18 of the 25,000 events that an execution may have, past which it is ended and nothing of it catches
 * that: two loops of 24 hours with a look each minute would get there.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const LONGEST_WAIT = 180;

/**
 * How long to wait before the next look: a twentieth of what it has taken so far, within bounds, so that the end is seen at most
 * 5% late.
 * @throws RestoreOverdueError past `maxSeconds`
 */
export function again(
  startedAt: string,
  { now, maxSeconds, what, remedy }: { now: Date; maxSeconds: number; what: string; remedy: string },
): Loop {
  const age = (now.getTime() - Date.parse(startedAt)) / 1000;
  if (age > maxSeconds) {
    throw new RestoreOverdueError(`${what} takes longer than ${Math.round(maxSeconds / 60)} minutes.`, { remedy });
  }
  return { done: false, waitSeconds: Math.round(Math.min(Math.max(age / 20, SHORTEST_WAIT), LONGEST_WAIT)), startedAt };
}

export function finished(startedAt: string): Loop {
  return { done: true, waitSeconds: 0, startedAt };
}
