import * as z from 'zod/mini';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import { keys } from './keys.ts';
import type { Run } from './run.ts';

/** The runner's image that last did its work on a database: that with which a night makes its backup. */
const knownImage = z.object({ format: z.literal(1), image: z.string(), run: z.string(), at: z.string() });

/** Remembers the image of a run that ended well. Who is overtaken by another leaves it: that one is as good. */
export async function keepImage(documents: Documents, run: Run, now: Date): Promise<void> {
  if (run.image === null) return;
  const key = keys.image(run.database);
  const { value, etag } = await readIfReadable(documents, key, knownImage);
  if (value?.image === run.image) return;
  await putDocument(documents, key, { format: 1, image: run.image, run: run.id, at: now.toISOString() }, etag);
}

export async function readImage(documents: Documents, database: string): Promise<string | null> {
  return (await readIfReadable(documents, keys.image(database), knownImage)).value?.image ?? null;
}
