import type { Place } from '../../errors.ts';

/** A file of `migrations/checks`: promises of the schema, each with the statement that tries it. */
export type Check = {
  /** Its name, with which reports and errors call it. */
  file: string;
  text: string;
  /** What it is about, in the words of its header. */
  title: string;
  /** The versions at which it must hold, both included; `to` is null while it still does. */
  from: number;
  to: number | null;
  /** It only reads, and is quick: then it may run on a real database. */
  safe: boolean;
  steps: Step[];
};

/** A statement of a check, with what must come of it. */
export type Step = {
  sql: string;
  /** Where it starts in the file, in UTF-16 units. */
  start: number;
  /** The promise, in the words of the comment above it; null for a statement that only prepares. */
  says: string | null;
  must:
    | { end: 'well' }
    | { end: 'refused'; sqlState: string; constraint: string | null }
    | { end: 'true' }
    | { end: 'by index' }
    | { end: 'reported' };
};

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
