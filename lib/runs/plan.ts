import * as z from 'zod/mini';
import { difference } from '../schema/difference.ts';
import { warning } from '../schema/warnings/warning.ts';

/** What a run found before it started anything, kept in S3 so that whoever settles it can compare. */
export const plan = z.object({
  format: z.literal(1),
  run: z.string(),
  release: z.string(),
  /** The version before; 0 for an empty database. */
  before: z.int(),
  target: z.int(),
  /** Digest of the schema before. */
  digest: z.string(),
  /** How many rows the history had. */
  history: z.int(),
  pending: z.array(z.object({ version: z.int(), file: z.string() })),
  /** How the schema differed from that of the version before anything was started. */
  drift: z._default(z.array(difference), []),
  /** What a person should know before the database is changed. */
  warnings: z._default(z.array(warning), []),
});

export type Plan = z.infer<typeof plan>;
