import * as z from 'zod/mini';
import type { Policy } from '../../lib/backups/retention.ts';
import { policy } from '../../lib/backups/retention-record.ts';

const number = z.coerce.number();

const variables = z.object({
  KEEP_DAYS: number,
  KEEP_WEEKS: number,
  KEEP_MONTHS: number,
  KEEP_ORPHAN_DAYS: number,
  TIME_ZONE: z.string(),
});

/** How long backups are kept, as the stack's parameters say it. */
export function retention(): Policy {
  const { KEEP_DAYS, KEEP_WEEKS, KEEP_MONTHS, KEEP_ORPHAN_DAYS, TIME_ZONE } = variables.parse(process.env);
  const given = { days: KEEP_DAYS, weeks: KEEP_WEEKS, months: KEEP_MONTHS, orphanDays: KEEP_ORPHAN_DAYS };
  return policy.parse({ ...given, timeZone: TIME_ZONE });
}
