import * as z from 'zod/mini';
import { type Documents, readDocument } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { FreezeExpiredError } from './freeze-errors.ts';

const time = z.iso.datetime();

/** That an instance is frozen, in `runs/<id>/restore/freeze.json`: written before anything is changed, so that it can always be undone. */
export const freezeDocument = z.object({
  format: z.literal(1),
  run: z.string(),
  /** From when on the application may have been stopped. */
  since: time,
  /** Until when it may be stopped at the most. */
  until: time,
  resourceId: z.string(),
  /** The security groups to give back. */
  groups: z.array(z.string()),
  /** What writes by itself, without a connection from outside, and goes on doing so. */
  listed: z._default(z.array(z.string()), []),
  /** When it was decided to give the groups back: nobody relies on the freeze from here on. */
  lifted: z._default(z.nullable(time), null),
  /** When they were in force again. */
  thawed: z.nullable(time),
});

export type FreezeDocument = z.infer<typeof freezeDocument>;

export async function readFreeze(
  documents: Documents,
  run: string,
): Promise<{ value: FreezeDocument; etag: string } | null> {
  return readDocument(documents, keys.restore.freeze(run), freezeDocument);
}

/**
 * Whoever relies on the database being frozen asks this first, at every step.
 *
 * @throws FreezeExpiredError
 */
export function checkFreeze(freeze: FreezeDocument | null, now: Date): FreezeDocument {
  const remedy = 'Go on with the copy that was made, and the rows that were found: carthub-db restore --resume RUN';
  if (freeze === null) throw new FreezeExpiredError('The database was never frozen.', { remedy });
  if (freeze.lifted !== null) {
    throw new FreezeExpiredError(`The database serves again since ${freeze.lifted}.`, { remedy });
  }
  if (now.getTime() > Date.parse(freeze.until)) {
    throw new FreezeExpiredError(`The database was to be frozen until ${freeze.until} at the longest.`, {
      remedy: `${remedy} --max-freeze 20m`,
    });
  }
  return freeze;
}
