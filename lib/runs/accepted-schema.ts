import * as z from 'zod/mini';
import { type Documents, putDocument, readIfReadable, replaceDocument } from '../documents/documents.ts';
import type { SchemaDocument } from '../schema/document.ts';
import { digestOf, fromSchemaDocument, schemaDocument, toSchemaDocument } from '../schema/expected-schemas.ts';
import { keys } from './keys.ts';

/**
 * The schema, at the version at which the history stood, that a person took as it is, that a clean stop in the middle of a file
 * left, or that a run left where nobody knows what its files make of an empty database: what the next migration goes out from.
 */
export const acceptedSchema = z.object({
  format: z.literal(1),
  version: z.int(),
  digest: z.string(),
  run: z.string(),
});

export type AcceptedSchema = z.infer<typeof acceptedSchema>;

/** Keeps it for the database, in the place of an earlier one, whole beside the run's other documents. */
export async function keepAcceptedSchema(
  documents: Documents,
  taken: { database: string; run: string; version: number; schema: SchemaDocument },
): Promise<void> {
  const { database, run, version, schema } = taken;
  await replaceDocument(documents, keys.schemaAfter(run), fromSchemaDocument(schema));
  const accepted: AcceptedSchema = { format: 1, version, digest: digestOf(schema), run };
  const key = keys.accepted(database);
  const before = await readIfReadable(documents, key, acceptedSchema);
  await putDocument(documents, key, accepted, before.etag);
}

/** The one that was kept last; null when there is none, or none that can be read. */
export async function readAcceptedSchema(documents: Documents, database: string): Promise<AcceptedSchema | null> {
  return (await readIfReadable(documents, keys.accepted(database), acceptedSchema)).value;
}

/** The whole of it; null where an older release of ours kept its digest only. */
export async function readAcceptedDocument(
  documents: Documents,
  { run }: AcceptedSchema,
): Promise<SchemaDocument | null> {
  const { value } = await readIfReadable(documents, keys.schemaAfter(run), schemaDocument);
  return value === null ? null : toSchemaDocument(value);
}
