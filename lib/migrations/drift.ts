import type { ClientBase } from 'pg';
import { type Documents, readDocument, replaceDocument } from '../documents/documents.ts';
import { CarthubError } from '../errors.ts';
import { type AcceptedSchema, readAcceptedDocument } from '../runs/accepted-schema.ts';
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

/** How the schema differs from what it should be, and in the words of an error what that is. */
export type Drift = { differences: Difference[]; against: string };

/**
 * How the schema differs from that of its version. Where nobody knows that one, since the files could not be applied to an empty database,
 * it should be as the last run left it, and is kept as it is: to tell afterwards what changed.
 */
export async function readDrift(options: {
  client: ClientBase;
  documents: Documents;
  run: Run;
  release: Release;
  accepted: AcceptedSchema | null;
  version: number;
  digest: string;
}): Promise<Drift> {
  const { client, documents, run, release, accepted, version, digest } = options;
  const against = `that of version ${version}, at which its history stands`;
  if (release.expected[`${version}`] === digest) return { differences: [], against };
  const { ignore } = release;
  const schemas = await readDocument(documents, release.schemas, expectedSchemas);
  const expected = schemas === null ? null : schemaAt(schemas.value, version);
  if (expected !== null) return { ...(await compareWithDocument(client, expected, { ignore })), against };
  await replaceDocument(documents, keys.schemaBefore(run.id), fromSchemaDocument(await readSchema(client, {})));
  const left = accepted?.version === version && accepted.digest !== digest ? accepted : null;
  const before = left === null ? null : await readAcceptedDocument(documents, left);
  if (left === null || before === null) return { differences: [], against };
  return { ...(await compareWithDocument(client, before, { ignore })), against: `as run ${left.run} left it` };
}

/** @throws DriftError */
export function refuseDrift({ differences, against }: Drift, database: string): void {
  if (differences.length === 0) return;
  throw new DriftError(`The schema of ${database} is not ${against}: ${listed(differences)}.`, {
    remedy:
      'Look at all of it: carthub-db validate. Put it back, bring it into a migration, or say in ignore.json why it may differ; to migrate in spite of it: carthub-db migrate --on-drift list',
  });
}
