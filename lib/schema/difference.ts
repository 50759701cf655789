import * as z from 'zod/mini';
import { KINDS, PART_KINDS } from './kinds/kind.ts';

const lines = z.nullable(z.array(z.string()));

/**
 * One object that is not as it should be.
 *
 * - `missing`, `unexpected`: there is none, there should be none
 * - `different`: it is another one
 * - `invalid`: it is the right one, but does not hold: an index that was not built to its end, a constraint that was not
 *   validated
 */
export const difference = z.object({
  what: z.enum(['missing', 'unexpected', 'different', 'invalid']),
  kind: z.enum([...KINDS, ...PART_KINDS]),
  /** Whole: `public.carts`, `public.carts.id`. */
  name: z.string(),
  /** The object that it is a part of; null when it stands for itself. */
  of: z.nullable(z.object({ kind: z.enum(KINDS), name: z.string() })),
  /** What it should be, as the server says it; null when there should be none. */
  expected: z.readonly(lines),
  /** What it is; null when there is none. */
  actual: z.readonly(lines),
  /** How many parts (columns, constraints, indexes and so on) are missing or unexpected with it. */
  parts: z.int(),
  /** A statement that shows it in the database, and gives no row when it is missing. */
  shownBy: z.string(),
});

export type Difference = z.infer<typeof difference>;

/** What a comparison found. It is plain data, so that a report can keep it as JSON. */
export type Comparison = {
  /** Nothing differs, but for what the rules ignore. */
  equal: boolean;
  differences: Difference[];
  ignored: { difference: Difference; reason: string }[];
  /** Rules that concerned no difference: what they were made for is gone, or they are misspelt. */
  unusedRules: { kind: string; name: string; reason: string }[];
};
