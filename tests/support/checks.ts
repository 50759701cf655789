import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Check } from '../../lib/schema/checks/check.ts';
import { readCheck } from '../../lib/schema/checks/read-check.ts';

const migrations = join(import.meta.dirname, '../../migrations');

/** The checks of Carthub's schema. */
export function carthubChecks(): Promise<Check[]> {
  const folder = join(migrations, 'checks');
  return Promise.all(readdirSync(folder).map((file) => readCheck(file, readFileSync(join(folder, file), 'utf8'))));
}

/** Takes a database from one version of Carthub's schema to a later one. */
export async function migrate(client: Client, { above, to }: { above: number; to: number }): Promise<void> {
  const files = readdirSync(migrations)
    .filter((file) => /^\d+\.do\./.test(file))
    .sort();
  for (const file of files) {
    const version = Number.parseInt(file, 10);
    if (version > above && version <= to) await client.query(readFileSync(join(migrations, file), 'utf8'));
  }
}

/** The newest version. */
export const NEWEST = readdirSync(migrations).filter((file) => /^\d+\.do\./.test(file)).length;
