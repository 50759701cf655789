import { RestoreOverdueError } from './errors.ts';

/**
 * When a loop began, as its first call tells it.
 *
 * @throws RestoreOverdueError when it has gone on for longer than that
 */
export function withinTime(options: { startedAt: string | null; now: Date; seconds: number; what: string }): string {
  const { startedAt, now, seconds, what } = options;
  if (startedAt === null) return now.toISOString();
  if (now.getTime() - Date.parse(startedAt) <= seconds * 1000) return startedAt;
  throw new RestoreOverdueError(`${what} takes longer than ${Math.round(seconds / 60)} minutes.`, {
    remedy: 'See what RDS is doing: aws rds describe-db-instances; aws rds describe-events --source-type db-instance',
  });
}
