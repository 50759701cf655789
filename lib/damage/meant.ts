import { compare } from '../schema/compare.ts';
import type { Difference } from '../schema/difference.ts';
import { type ExpectedSchemas, schemaAt } from '../schema/expected-schemas.ts';

/** What the files are to change from the lowest of these versions to the highest, each against the one before. */
export function meantBetween(schemas: ExpectedSchemas, versions: readonly number[]): Difference[] {
  const ordered = [...new Set(versions)].sort((a, b) => a - b);
  const steps = ordered.map((each) => schemaAt(schemas, each)).filter((each) => each !== null);
  return steps.slice(1).flatMap((after, at) => compare(steps[at] ?? after, after).differences);
}
