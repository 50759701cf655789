import { type Documents, type Found, readIfReadable } from '../documents/documents.ts';
import { keys } from '../runs/keys.ts';
import { type CutoverJournal, cutoverJournal } from './cutover-journal.ts';
import { type FreezeDocument, freezeDocument } from './freeze-document.ts';
import { type RestorePlan, restorePlan } from './plan.ts';

/**
 * What is left to be done after a run whose root died while it put its database back.
 *
 * - `cutover`: a cutover was begun: it is finished, or goes back by its own way, before anything else.
 * - `freeze`: the database may be frozen, or be so in a moment, and nothing of the cutover was begun: it serves again.
 * - `copy`: an instance may have been made: it gets the date until which it is kept.
 * - `none`: nothing was begun, or everything is done.
 */
export type Recovery = 'cutover' | 'freeze' | 'copy' | 'none';

/** The documents in which a restore keeps how far it came. */
export type RestoreDocuments = {
  plan: Found<RestorePlan>;
  freeze: Found<FreezeDocument>;
  cutover: Found<CutoverJournal>;
};

export async function readRestoreDocuments(documents: Documents, run: string): Promise<RestoreDocuments> {
  const [plan, freeze, cutover] = await Promise.all([
    readIfReadable(documents, keys.restore.plan(run), restorePlan),
    readIfReadable(documents, keys.restore.freeze(run), freezeDocument),
    readIfReadable(documents, keys.restore.cutover(run), cutoverJournal),
  ]);
  return { plan, freeze, cutover };
}

/** A document that is there and cannot be read counts as open: who goes on with it says what is wrong, and nobody guesses. */
export function recoveryOf({ plan, freeze, cutover }: RestoreDocuments): Recovery {
  if (cutover.unreadable !== null || (cutover.value !== null && isOpen(cutover.value))) return 'cutover';
  if (cutover.value !== null && isServing(cutover.value)) return 'none';
  if (plan.etag === null && freeze.etag === null) return 'none';
  return freeze.value === null || freeze.value.thawed === null ? 'freeze' : 'copy';
}

/** Whether the restored instance serves the application. */
export function isServing({ steps, reversed }: CutoverJournal): boolean {
  return reversed === null && steps.admitted !== null;
}

function isOpen({ steps, reversed }: CutoverJournal): boolean {
  return reversed === null && steps.retired === null;
}
