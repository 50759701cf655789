import * as z from 'zod/mini';
import { tags } from './instance.ts';
import { storedSettings } from './settings.ts';

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
  /**
   * Whether its data is that which the instance was restored from, older than the snapshot's time: the rest is in the
   * instance's archive. So the first automated backup of a restored instance need copy nothing.
   */
  inherited: z._default(z.boolean(), false),
  tags,
  /** The instance as it was then. */
  instance: z.object({
    identifier: z.string(),
    resourceId: z.string(),
    createdAt: z.string(),
    masterUsername: z.string(),
    database: z.nullable(z.string()),
    port: z.int(),
    settings: storedSettings,
  }),
});
export type Snapshot = z.infer<typeof snapshot>;
