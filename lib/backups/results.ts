import * as z from 'zod/mini';
import { isoTime } from './time.ts';

/** What the last full reading of a backup found. */
export const verification = z.object({
  format: z.literal(1),
  id: z.string(),
  /** The ETag of the manifest that it was compared with: that of no other backup. */
  manifest: z.string(),
  result: z.enum(['verified', 'damaged']),
  at: isoTime,
  durationMs: z.int(),
  bytes: z.int(),
  tables: z.int(),
  rows: z.int(),
  /** What is not as it should be. */
  findings: z.array(z.string()),
});

export type Verification = z.infer<typeof verification>;

/** What the last restore of a backup into a database of its own found. */
export const drill = z.object({
  format: z.literal(1),
  id: z.string(),
  manifest: z.string(),
  result: z.enum(['drilled', 'failed']),
  at: isoTime,
  /** The execution that restored it. */
  run: z._default(z.nullable(z.string()), null),
  /** How long the restore itself took. */
  restoreMs: z.int(),
  /** How long it took before that until there was an instance to restore into. */
  instanceMs: z._default(z.nullable(z.int()), null),
  findings: z.array(z.string()),
});

export type Drill = z.infer<typeof drill>;

/** Somebody wants a backup kept, whatever its age. */
export const hold = z.object({
  format: z.literal(1),
  id: z.string(),
  /** null: until somebody removes the document. */
  until: z.nullable(isoTime),
  reason: z.string(),
});
