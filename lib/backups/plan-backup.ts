import { type Documents, readDocument } from '../documents/documents.ts';
import { readImage } from '../runs/image.ts';
import type { Run } from '../runs/run.ts';
import { BackupImageMissingError } from './errors.ts';
import { backupKeys } from './keys.ts';
import { findManifest } from './manifest.ts';
import { verification } from './results.ts';

/** What is left to be done for a backup of this id, and with which image. */
export type BackupPlan = { id: string; made: boolean; verified: boolean; image: string };

/**
 * Looks what there is: a night that was triggered twice, or whose first run died, goes on where that one ended.
 *
 * @throws BackupImageMissingError when there is work and nobody knows with what
 */
export async function planBackup(documents: Documents, run: Run): Promise<BackupPlan> {
  const id = run.backup?.id ?? run.id;
  const found = await findManifest(documents, id);
  const read = found === null ? null : await readDocument(documents, backupKeys.verified(id), verification);
  const verified = read !== null && read.value.result === 'verified' && read.value.manifest === found?.etag;
  const image = run.image ?? (await readImage(documents, run.database));
  if (image !== null || verified) return { id, made: found !== null, verified, image: image ?? '' };
  throw new BackupImageMissingError(`Nobody has said with which image ${run.database} is backed up.`, {
    remedy: 'Give it once, the next nights remember it: carthub-db backup --image REF; or run a migration.',
  });
}
