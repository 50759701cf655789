import * as z from 'zod/mini';
import { type Documents, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';

const count = z.int().check(z.nonnegative());

const lossOfTable = z.object({
  /** As SQL names it: `public.carts`. */
  table: z.string(),
  /** Rows of others that the copy gets. */
  replayed: count,
  /** Rows of others that it does not get; null when nobody can count them, and only `all` covers it. */
  lost: z.nullable(count),
  /** Of these: rows that they made, changed, deleted. */
  inserted: count,
  updated: count,
  deleted: count,
  /** Why it is not proved that all is known or can be replayed; empty where it is. */
  doubts: z.array(z.string()),
});

/** What a restore would lose, in `runs/<id>/restore/loss.json`: exact, since the database is frozen when it is written. */
export const lossDocument = z.object({
  format: z.literal(1),
  run: z.string(),
  at: z.iso.datetime(),
  /** Nothing would be lost, and that is proved. */
  nothing: z.boolean(),
  /** Tables of which anything is to be said. */
  tables: z.array(lossOfTable),
  /** What would be lost and is no row of a table: large objects, objects and roles that others made, other databases, what writes by itself. */
  beside: z.array(z.string()),
  /** Rows that are not guessed about, as SQL that a person can run. */
  conflicts: z.array(z.string()),
  notes: z.array(z.string()),
  /** Until when a person may say that it is all right; null when it is covered, or nobody is waited for. */
  waitsUntil: z.nullable(z.iso.datetime()),
});

export type LossDocument = z.infer<typeof lossDocument>;

/** Null until the rows have been looked for with the database frozen. */
export async function readLoss(documents: Documents, run: string): Promise<LossDocument | null> {
  return (await readDocument(documents, keys.restore.loss(run), lossDocument))?.value ?? null;
}
