import * as z from 'zod/mini';
import { difference } from '../schema/difference.ts';
import { judgedDifference } from '../schema/judge.ts';

/**
 * How the schema differs after a run, whole, as it is kept in `runs/<id>/differences.json`: the state of an execution is too
 * small for it.
 */
export const examinedSchema = z.object({
  format: z.literal(1),
  run: z.string(),
  /** The version at which the history stands. */
  version: z.int(),
  /** Digest of the schema. */
  digest: z.string(),
  /**
   * With what it was compared: the schema that the files make of an empty database; the one that was found before the run, where nobody
   * knows the other; null where neither is known.
   */
  against: z.nullable(z.enum(['expected', 'before'])),
  /** Why it was not compared with what the files make of an empty database; null when it was. */
  unproven: z._default(z.nullable(z.string()), null),
  differences: z.array(judgedDifference),
  /** Promises of safe checks that did not hold after the run; null where nobody tried them. */
  broken: z._default(z.nullable(z.array(z.string())), null),
  ignored: z.array(z.object({ difference, reason: z.string() })),
});

export type ExaminedSchema = z.infer<typeof examinedSchema>;
