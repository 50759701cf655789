import * as z from 'zod/mini';
import { writeCounts } from '../lost-writes/write-counts.ts';

/**
 * Where a point-in-time recovery of a run goes back to, made once, before its first file.
 *
 * The snapshot is taken before `time` is chosen: a transaction that it does not see may be in the copy or not, one that it
 * sees is. `time` is a whole second, because RDS restores to no finer one; the heartbeat was committed after it, because
 * a recovery needs a commit past its target to stop at.
 */
export const restorePoint = z.object({
  format: z.literal(1),
  run: z.string(),
  /** pg_current_snapshot(). */
  snapshot: z.string(),
  /** The target of a recovery, by the database's clock; ISO 8601 in UTC. */
  time: z.string(),
  /** When the heartbeat was written, by the database's clock. */
  heartbeatAt: z.string(),
  /** pg_current_wal_lsn() after the heartbeat's commit. */
  lsn: z.string(),
  /** What the server had counted before all of that, as evidence of how much others wrote since; older runners did not ask. */
  counts: z.optional(writeCounts),
});

export type RestorePoint = z.infer<typeof restorePoint>;
