import * as z from 'zod/mini';
import { run, runKind } from '../runs/run.ts';

/** The execution that has the database now. */
export const holder = z.object({
  execution: z.string(),
  kind: runKind,
  since: z.string(),
  /** The root execution from which a sweeper took it over. */
  took: z._default(z.nullable(z.string()), null),
});

/** A database that no version describes, or that could not be looked at yet. */
export const dirtyMark = z.object({
  run: z.string(),
  since: z.string(),
  reason: z.string(),
  /** False while the database could not be looked at; the sweeper tries again. */
  assessed: z.boolean(),
});

/**
 * The lease of a database: one small object in S3, never deleted, changed by conditional puts only.
 * It lies outside the database, which a restore replaces, and outside EKS, without which a restore must work.
 */
export const lease = z.object({
  format: z.literal(1),
  database: z.string(),
  /** Grows with every acquisition, and when a root stops trusting its own Job. */
  token: z.int().check(z.nonnegative()),
  holder: z.nullable(holder),
  /** The run whose effects are not settled yet: the holder's own, or the one that a sweeper took over. */
  run: z.nullable(run),
  /** The restore that has the lease, beside the run that left the database dirty: its documents say how far it came. */
  restore: z._default(z.nullable(run), null),
  dirty: z.nullable(dirtyMark),
});

export type Lease = z.infer<typeof lease>;
export type Holder = z.infer<typeof holder>;
export type DirtyMark = z.infer<typeof dirtyMark>;
