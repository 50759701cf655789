import * as z from 'zod/mini';
import type { Place } from '../../errors.ts';

const step = z.object({
  sql: z.string(),
  /** Where it starts in the file, in UTF-16 units. */
  start: z.int(),
  /** The promise, in the words of the comment above it; null for a statement that only prepares. */
  says: z.nullable(z.string()),
  must: z.discriminatedUnion('end', [
    z.object({ end: z.literal('well') }),
    z.object({ end: z.literal('refused'), sqlState: z.string(), constraint: z.nullable(z.string()) }),
    z.object({ end: z.literal('true') }),
    z.object({ end: z.literal('by index') }),
    z.object({ end: z.literal('reported') }),
  ]),
});

/** A statement of a check, with what must come of it. */
export type Step = z.infer<typeof step>;

/** A file of `migrations/checks`: promises of the schema, each with the statement that tries it. */
export const check = z.object({
  /** Its name, with which reports and errors call it. */
  file: z.string(),
  text: z.string(),
  /** What it is about, in the words of its header. */
  title: z.string(),
  /** The versions at which it must hold, both included; `to` is null while it still does. */
  from: z.int(),
  to: z.nullable(z.int()),
  /** It only reads, and is quick: then it may run on a real database. */
  safe: z.boolean(),
  steps: z.array(step),
});

export type Check = z.infer<typeof check>;

/** What came of a promise. */
export type Outcome = {
  says: string;
  passed: boolean;
  /** Why it did not pass. */
  problem: { message: string; place: Place | null } | null;
  /** What a step that reports found; null for others. */
  rows: Record<string, unknown>[] | null;
};

export type CheckResult = { file: string; title: string; passed: boolean; outcomes: Outcome[] };

/** Whether the check must hold at this version. */
export function holdsAt(check: Check, version: number): boolean {
  return check.from <= version && (check.to === null || version <= check.to);
}
