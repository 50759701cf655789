import * as z from 'zod/mini';
import { type Documents, readDocument, replaceDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';

/**
 * A person's word about what a restore would lose, in `runs/<id>/restore/acceptance.json`. Nothing is decided by silence: without it
 * nothing is lost, and the old instance serves again when the time to answer is over.
 */
export const acceptance = z.object({
  format: z.literal(1),
  run: z.string(),
  /** How many rows of a table may be lost, by table; `all` that is listed; `none`: they said no, and nobody has to wait any longer. */
  tables: z.union([z.enum(['all', 'none']), z.record(z.string(), z.int().check(z.nonnegative()))]),
  by: z.string(),
  reason: z.string(),
  at: z.iso.datetime(),
});

export type Acceptance = z.infer<typeof acceptance>;

export async function readAcceptance(documents: Documents, run: string): Promise<Acceptance | null> {
  return (await readDocument(documents, keys.restore.acceptance(run), acceptance))?.value ?? null;
}

/** The last word counts; those before stay as earlier versions. */
export async function writeAcceptance(documents: Documents, word: Omit<Acceptance, 'format'>): Promise<void> {
  await replaceDocument(documents, keys.restore.acceptance(word.run), { format: 1, ...word });
}
