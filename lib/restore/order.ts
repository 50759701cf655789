import * as z from 'zod/mini';

const time = z.iso.datetime({ offset: true });

/** To which moment a database is put back. */
export const restoreOrder = z.discriminatedUnion('to', [
  /** The restore point of a run: the moment before its first file. */
  z.object({ to: z.literal('run'), run: z.string().check(z.minLength(1)) }),
  /** A moment, to the second: RDS restores to no finer one. */
  z.object({ to: z.literal('time'), time }),
  /** As late as the logs in store allow. */
  z.object({ to: z.literal('latest') }),
  /** A snapshot of the instance. */
  z.object({ to: z.literal('snapshot'), snapshot: z.string().check(z.minLength(1)) }),
]);

export type RestoreOrder = z.infer<typeof restoreOrder>;

/** How a restore is to go. */
export const restoreOptions = z.object({
  order: restoreOrder,
  /** Of the plan that a person saw and agreed to. */
  planDigest: z._default(z.nullable(z.string()), null),
  /** Rows by table that may be lost, whatever the report lists (`all`), or none but what is proved replayed (null). */
  acceptLoss: z._default(
    z.nullable(z.union([z.literal('all'), z.record(z.string(), z.int().check(z.nonnegative()))])),
    null,
  ),
  /** When the application is stopped: after the copy stands and is validated, or at once. */
  freeze: z._default(z.enum(['late', 'now']), 'late'),
  /** The longest that the application may be stopped, in seconds; past it the old instance serves again. */
  maxFreezeSeconds: z._default(z.int().check(z.positive()), 600),
  /** How long a frozen database waits for a person to accept a loss, in seconds; part of the former. */
  acceptWindowSeconds: z._default(z.int().check(z.nonnegative()), 600),
  /** Whether to wait until the blocks of the copy are local. */
  hydrate: z._default(z.boolean(), true),
  /** The restore whose copy and rows are taken up again. */
  resume: z._default(z.nullable(z.string()), null),
});

export type RestoreOptions = z.infer<typeof restoreOptions>;
