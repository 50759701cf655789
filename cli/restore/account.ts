import { readIfReadable } from '../../lib/documents/documents.ts';
import { cutoverJournal } from '../../lib/restore/cutover-journal.ts';
import { freezeDocument } from '../../lib/restore/freeze-document.ts';
import { type LossDocument, lossDocument } from '../../lib/restore/loss-document.ts';
import { isServing } from '../../lib/restore/recovery.ts';
import { type RestoreSettings, restoreSettings } from '../../lib/restore/settings/document.ts';
import { treatments } from '../../lib/restore/settings/fields.ts';
import { keys } from '../../lib/runs/keys.ts';
import type { Stack } from '../stack/stack.ts';
import { documentsOf } from './loss-lines.ts';

/** What a restore left in the bucket beside its outcome, as far as it came. */
export type RestoreAccount = {
  /** Settings in which the copy is not as the old instance was, each with the reason. What every instance has of its own is no setting. */
  settings: Pick<RestoreSettings['compared'][number], 'field' | 'source' | 'copy' | 'reason'>[];
  /** Whether the settings were compared at all. */
  isCompared: boolean;
  /** Since when the application has been stopped and still is; null when it is not. */
  frozenSince: string | null;
  loss: LossDocument | null;
  /** Where all of it lies: `s3://BUCKET/runs/RUN/restore`. */
  documents: string;
};

/** What cannot be read is left out: the outcome is told all the same. */
export async function readAccount({ s3, names }: Stack, run: string): Promise<RestoreAccount> {
  const documents = { s3, bucket: names.bucket };
  const [settings, loss, freeze, cutover] = await Promise.all([
    readIfReadable(documents, keys.restore.settings(run), restoreSettings),
    readIfReadable(documents, keys.restore.loss(run), lossDocument),
    readIfReadable(documents, keys.restore.freeze(run), freezeDocument),
    readIfReadable(documents, keys.restore.cutover(run), cutoverJournal),
  ]);
  const isStopped = freeze.value !== null && freeze.value.thawed === null;
  const isAdmitted = cutover.value !== null && isServing(cutover.value);
  const compared = settings.value?.compared ?? [];
  return {
    settings: compared
      .filter(({ field, how }) => how === 'differs' && isSetting(field, isAdmitted))
      .map(({ how: _, ...each }) => each),
    isCompared: compared.length > 0,
    frozenSince: isStopped && !isAdmitted ? (freeze.value?.since ?? null) : null,
    loss: loss.value,
    documents: documentsOf(names.bucket, run),
  };
}

/** Before the application is admitted a copy is closed on purpose. */
function isSetting(field: string, isAdmitted: boolean): boolean {
  if (field === 'VpcSecurityGroups' && !isAdmitted) return false;
  const how = treatments.get(field)?.how;
  return how !== 'identity' && how !== 'state';
}
