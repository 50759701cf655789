import type { ClientBase } from 'pg';
import { type Documents, readDocument, replaceDocument } from '../documents/documents.ts';
import { CarthubError } from '../errors.ts';
import { keys } from '../runs/keys.ts';
import type { Run } from '../runs/run.ts';
import { compareWithDocument } from '../schema/compare-database.ts';
import { readDocument as readSchema } from '../schema/describe.ts';
import type { Difference } from '../schema/difference.ts';
import { expectedSchemas, fromSchemaDocument, schemaAt } from '../schema/expected-schemas.ts';
import { listed } from '../schema/listed.ts';
import type { Release } from './release.ts';

/** The schema is not that of the version which the history names: somebody changed it by another way. */
export class DriftError extends CarthubError {
  override readonly name = 'DriftError';
}

/**
 * How the schema differs from that of its version. Where nobody knows that one, since the files could not be applied to an empty database,
 * nothing is drift, and the schema is kept as it is: to tell afterwards what changed.
 */
export async function readDrift(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
  release: Release;
  version: number;
  digest: string;
}): Promise<Difference[]> {
  const { client, documents, run, release, version, digest } = options;
  if (release.expected[`${version}`] === digest) return [];
  const schemas = await readDocument(documents, release.schemas, expectedSchemas);
  const expected = schemas === null ? null : schemaAt(schemas.value, version);
  if (expected !== null) return (await compareWithDocument(client, expected, { ignore: release.ignore })).differences;
  await replaceDocument(documents, keys.schemaBefore(run.id), fromSchemaDocument(await readSchema(client, {})));
  return [];
}

/** @throws DriftError */
export function refuseDrift(drift: readonly Difference[], version: number, database: string): void {
  if (drift.length === 0) return;
  throw new DriftError(
    `The schema of ${database} is not that of version ${version}, at which its history stands: ${listed(drift)}.`,
    {
      remedy:
        'Look at all of it: carthub-db validate. Put it back, bring it into a migration, or say in ignore.json why it may differ; to migrate in spite of it: --on-drift list',
    },
  );
}
