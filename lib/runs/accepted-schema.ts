import * as z from 'zod/mini';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import { keys } from './keys.ts';

/**
 * The schema between two versions that a person took as it is, or that a clean stop in the middle of a file left, at the
 * version at which the history stood: the one drift that a migration then does not refuse, so that the file can go on.
 */
export const acceptedSchema = z.object({
  format: z.literal(1),
  version: z.int(),
  digest: z.string(),
  run: z.string(),
});

/** Keeps it for the database, in the place of an earlier one. */
export async function keepAcceptedSchema(
  documents: Documents,
  database: string,
  taken: z.infer<typeof acceptedSchema>,
): Promise<void> {
  const key = keys.accepted(database);
  const before = await readIfReadable(documents, key, acceptedSchema);
  await putDocument(documents, key, taken, before.etag);
}
