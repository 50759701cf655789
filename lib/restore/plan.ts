import * as z from 'zod/mini';
import { restoreOrder } from './order.ts';

const identified = z.object({ identifier: z.string() });
const time = z.iso.datetime();

/** What a restore is to do, kept in `runs/<id>/restore/plan.json`: made once, before anything, and read by every step. */
export const restorePlan = z.object({
  format: z.literal(1),
  run: z.string(),
  database: z.string(),
  order: restoreOrder,
  target: z.object({
    /** The moment, a whole second in UTC; null for a snapshot. */
    time: z.nullable(time),
    snapshot: z.nullable(z.string()),
    /** pg_current_snapshot() of before that moment: what it sees is in the copy. Null when nobody saved one. */
    savedSnapshot: z.nullable(z.string()),
  }),
  /** The instance as it serves now; its name changes hands, its resource id does not. */
  source: z.object({ resourceId: z.string(), identifier: z.string(), groups: z.array(z.string()) }),
  /** The resource id of the instance whose logs lead to that moment, where it is not the one that serves now. */
  from: z.optional(z.string()),
  /** The restores whose copy is taken up again, the latest first. */
  resumes: z.optional(z.array(z.string())),
  copy: identified,
  retired: identified,
  /** What the copy must be, as the failed run's plan found it; null where nobody knows. */
  expected: z.nullable(z.object({ version: z.int(), history: z.int(), digest: z.string() })),
  /** Between which moments the instance can be put back at all. */
  window: z.object({ earliest: z.nullable(time), latest: z.nullable(time) }),
  /** From past restores, in seconds; null when there was none. */
  expectedSeconds: z.nullable(z.number()),
  /** What hangs on the old resource id, and what becomes of it. */
  follows: z.array(z.object({ what: z.string(), how: z.enum(['handled', 'listed', 'refused']), detail: z.string() })),
  notes: z.array(z.string()),
  madeAt: time,
  /** SHA-256 over all that a person agrees to. */
  digest: z.string(),
});

export type RestorePlan = z.infer<typeof restorePlan>;
