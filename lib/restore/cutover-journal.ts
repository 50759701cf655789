import * as z from 'zod/mini';
import { type Documents, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';

const instance = z.object({ resourceId: z.string(), identifier: z.string() });
const time = z.iso.datetime();
const done = z._default(z.nullable(time), null);

/**
 * How far a cutover has come, in `runs/<id>/restore/cutover.json`. It is written before each step and after it, so that whoever finds
 * it can go on; what really happened is asked of RDS each time, by resource ids, since names change hands.
 */
export const cutoverJournal = z.object({
  format: z.literal(1),
  run: z.string(),
  old: instance,
  copy: instance,
  /** The identifier that changes hands. */
  name: z.string(),
  /** What the old instance is called afterwards. */
  retired: z.string(),
  /** Whether the old instance was protected from deletion before. */
  wasProtected: z.boolean(),
  /** What the copy holds when it takes over, its token, and a mark in its heartbeat by which it is told from the old one. */
  found: z.nullable(
    z.object({ version: z.int(), history: z.int(), digest: z.string(), mark: z.string(), token: z.int() }),
  ),
  /** What is under way: both renames, with nothing in between, or the way back. */
  doing: z.nullable(z.object({ step: z.enum(['exchange', 'reverse']), at: time })),
  /** When each step was seen done. */
  steps: z.object({
    /** The token on the copy is this run's. */
    fenced: done,
    /** The application's credentials open the copy. */
    opened: done,
    protected: done,
    renamedOld: done,
    renamedCopy: done,
    verified: done,
    admitted: done,
    retired: done,
  }),
  /** When everything was put back as it was, or given up before anything was exchanged. */
  reversed: z.nullable(time),
});

export type CutoverJournal = z.infer<typeof cutoverJournal>;

export async function readCutover(
  documents: Documents,
  run: string,
): Promise<{ value: CutoverJournal; etag: string } | null> {
  return readDocument(documents, keys.restore.cutover(run), cutoverJournal);
}
