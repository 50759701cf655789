import * as z from 'zod/mini';

const text = z._default(z.nullable(z.string()), null);

/** What was done to put a database back, as the record of a run tells it. */
export const restoration = z.object({
  /** Whether anything was begun. */
  attempted: z.boolean(),
  /** Why it was not done, or not begun; what it came to when it was. */
  reason: z.string(),
  /** Whether the restored instance serves the application. */
  done: z._default(z.boolean(), false),
  /** The moment or the snapshot to which. */
  target: z._default(z.nullable(z.object({ time: z.nullable(z.string()), snapshot: z.nullable(z.string()) })), null),
  /** The restored instance, by its resource's present name: in the place of the old one, or beside it. */
  copy: text,
  /** What the old instance is called now; null while it serves. */
  retired: text,
  /** Until when whichever of them serves nobody is kept. */
  expires: text,
  since: text,
  until: text,
  /** How long the application was stopped; null when it never was. */
  frozenSeconds: z._default(z.nullable(z.number()), null),
  phases: z._default(z.array(z.object({ phase: z.string(), seconds: z.number() })), []),
  /** What other sessions had written since the target and is not on the restored instance, in rows by table; null where nobody can count. */
  loss: z._default(
    z.nullable(z.object({ proved: z.boolean(), rows: z.record(z.string(), z.nullable(z.int())) })),
    null,
  ),
  /** Rows that were not guessed about, as SQL that a person can run. */
  conflicts: z._default(z.array(z.string()), []),
  /** The one command that would finish it; null when there is nothing to finish. */
  finish: text,
});

export type Restoration = z.infer<typeof restoration>;

/** Of the instance that stays beside: the copy that did not take over, or the one that was replaced. */
export const kept = z.object({ copy: text, expires: text });

export type Kept = z.infer<typeof kept>;
