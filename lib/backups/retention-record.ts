import * as z from 'zod/mini';
import { isoTime } from './time.ts';

/** Where the last expiring of backups is written down, and the policy that it went by: `carthub-db backups` shows the expiry by it. */
export const retentionKey = (database: string) => `retention/${database}.json`;

const count = z.int().check(z.nonnegative());

export const policy = z.object({
  days: z.int().check(z.positive()),
  weeks: count,
  months: count,
  orphanDays: count,
  timeZone: z.string(),
});

export const retentionRecord = z.object({
  format: z.literal(1),
  database: z.string(),
  /** Of the run that the backup was made by. */
  run: z.string(),
  at: isoTime,
  policy,
  /** Why nothing was removed; null when what had expired was. */
  blocked: z.nullable(z.string()),
  expired: z.array(z.string()),
  orphans: z.array(z.object({ id: z.string(), run: z.string(), newest: z.string() })),
  deletedVersions: count,
  freedBytes: count,
  refused: z.array(z.object({ key: z.string(), reason: z.string() })),
});

export type RetentionRecord = z.infer<typeof retentionRecord>;
