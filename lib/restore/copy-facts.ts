import type { ClientBase } from 'pg';
import { readHistory, versionOf } from '../migrations/history.ts';
import { schemaDigest } from '../schema/digest.ts';
import type { RestorePlan } from './plan.ts';

/** What a database is, as far as a restore can be held against it. */
export type DatabaseFacts = { version: number; history: number; digest: string };

/** Changes nothing. */
export async function readFacts(client: ClientBase): Promise<DatabaseFacts> {
  const history = await readHistory(client);
  return { version: versionOf(history) ?? 0, history: history.length, digest: await schemaDigest(client) };
}

/** In which way a database is not as expected; null when it is. */
export function differenceOf(expected: NonNullable<RestorePlan['expected']>, found: DatabaseFacts): string | null {
  if (found.version !== expected.version) return `is at version ${found.version}, not ${expected.version}`;
  if (found.history !== expected.history) {
    return `has ${found.history} versions in its history, not ${expected.history}`;
  }
  return found.digest === expected.digest ? null : 'has another schema';
}
