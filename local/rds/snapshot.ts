import * as z from 'zod/mini';
import { tags } from './instance.ts';
import { settings } from './settings.ts';

/** A snapshot: a base backup that stands alone, with the WAL that makes it consistent. */
export const snapshot = z.object({
  identifier: z.string(),
  type: z.enum(['manual', 'automated']),
  status: z.enum(['creating', 'available', 'deleting', 'failed']),
  createdAt: z.string(),
  /** Everything committed before is inside. Null until it is available. */
  databaseTime: z.nullable(z.string()),
  /** A recovery that starts here can stop at any time after this one. Null until it is available. */
  consistentAt: z.nullable(z.string()),
  /** The first WAL segment that a recovery from here needs. Null until it is available. */
  firstSegment: z.nullable(z.string()),
  tags,
  /** The instance as it was then. */
  instance: z.object({
    identifier: z.string(),
    resourceId: z.string(),
    createdAt: z.string(),
    masterUsername: z.string(),
    database: z.nullable(z.string()),
    port: z.int(),
    settings,
  }),
});
export type Snapshot = z.infer<typeof snapshot>;
