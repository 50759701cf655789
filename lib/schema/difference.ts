import type { ObjectKind, PartKind } from './kinds/kind.ts';

/**
 * One object that is not as it should be.
 *
 * - `missing`, `unexpected`: there is none, there should be none
 * - `different`: it is another one
 * - `invalid`: it is the right one, but does not hold: an index that was not built to its end, a constraint that was not
 *   validated
 */
export type Difference = {
  what: 'missing' | 'unexpected' | 'different' | 'invalid';
  kind: ObjectKind | PartKind;
  /** Whole: `public.carts`, `public.carts.id`. */
  name: string;
  /** The object that it is a part of; null when it stands for itself. */
  of: { kind: ObjectKind; name: string } | null;
  /** What it should be, as the server says it; null when there should be none. */
  expected: readonly string[] | null;
  /** What it is; null when there is none. */
  actual: readonly string[] | null;
  /** How many parts (columns, constraints, indexes and so on) are missing or unexpected with it. */
  parts: number;
  /** A statement that shows it in the database, and gives no row when it is missing. */
  shownBy: string;
};

/** What a comparison found. It is plain data, so that a report can keep it as JSON. */
export type Comparison = {
  /** Nothing differs, but for what the rules ignore. */
  equal: boolean;
  differences: Difference[];
  ignored: { difference: Difference; reason: string }[];
  /** Rules that concerned no difference: what they were made for is gone, or they are misspelt. */
  unusedRules: { kind: string; name: string; reason: string }[];
};
