import type { ClientBase } from 'pg';
import { CarthubError } from '../errors.ts';
import { readHistory, versionOf } from '../migrations/history.ts';
import type { Release } from '../migrations/release.ts';
import { schemaDigest } from './digest.ts';

/** After the migration the schema is not what its files make of an empty database. */
export class SchemaMismatchError extends CarthubError {
  override readonly name = 'SchemaMismatchError';
}

/** Is the database at the release's version, with exactly the schema that its files make of an empty database? */
export async function validateSchema(
  client: ClientBase,
  release: Release,
): Promise<{ version: number; digest: string }> {
  const version = versionOf(await readHistory(client)) ?? 0;
  const digest = await schemaDigest(client);
  if (version !== release.target) {
    throw new SchemaMismatchError(`The history is at version ${version}, not ${release.target}.`, {
      remedy: 'Look at carthub_db.schemaversion and at the report of the run.',
    });
  }
  const expected = release.expected[`${version}`] ?? null;
  if (expected === null) {
    const why = release.unproven;
    throw new SchemaMismatchError(
      `The files are applied, but nobody knows what the schema should be${why ? `: ${why.file} failed on an empty database: ${why.message}` : ''}.`,
      { remedy: 'Look at the database; if it is right: carthub-db accept-state --reason TEXT' },
    );
  }
  if (expected !== digest) {
    throw new SchemaMismatchError(
      `The schema is not that of version ${version} (digest ${digest}, expected ${expected}).`,
      {
        remedy: 'Compare it with a fresh database that the same files made, and put right what differs.',
      },
    );
  }
  return { version, digest };
}
