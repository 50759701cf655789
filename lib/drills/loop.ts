import type { Loop } from '../restore/loop.ts';
import { DrillOverdueError } from './errors.ts';

/**
 * How long to wait before the next look: a twentieth of what it has taken so far, 2 seconds to a minute.
 * @throws DrillOverdueError past `maxSeconds`
 */
export function again(startedAt: string, now: Date, { maxSeconds, what }: { maxSeconds: number; what: string }): Loop {
  const age = (now.getTime() - Date.parse(startedAt)) / 1_000;
  if (age > maxSeconds) {
    throw new DrillOverdueError(`${what} takes longer than ${Math.round(maxSeconds / 60)} minutes.`, {
      remedy: 'See what it is at: aws rds describe-events --source-type db-instance --duration 1440',
    });
  }
  return { done: false, waitSeconds: Math.round(Math.min(Math.max(age / 20, 2), 60)), startedAt };
}
