import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { type Catalogue, type CatalogueEntry, readCatalogue, toKept } from './catalogue.ts';
import { s3Time } from './check-bucket.ts';
import { checkClocks } from './check-clocks.ts';
import { backupKeys } from './keys.ts';
import { dataOf, findManifest } from './manifest.ts';
import type { Log } from './progress.ts';
import { type Choice, chooseExpired, type Policy } from './retention.ts';
import { s3Call } from './s3-errors.ts';
import { type Version, versionsOf } from './versions.ts';

export type Expired = Choice & {
  deletedVersions: number;
  freedBytes: number;
  /** What S3 did not let us delete, with its reason. */
  refused: { key: string; reason: string }[];
};

/**
 * Removes what retention chooses: of a backup every version of what its manifest lists, and its documents; of a run without a manifest
 * the objects that carry its id. Nothing else below backups/ is touched. A dry run reads the same and deletes nothing.
 *
 * Its documents go first, then its manifest, then its data. Whoever dies between leaves a backup that does not count and is as old as
 * before, or plain orphans: either is removed the next time. A manifest that goes while a result or a hold stays looks like one that a
 * person took away, which is left alone.
 *
 * @throws ClockSkewError and BackupPermissionError: nothing was deleted
 */
export async function expire(options: {
  documents: Documents;
  policy: Policy;
  lastRun: 'succeeded' | 'failed';
  dryRun: boolean;
  log: Log;
  now: () => Date;
}): Promise<Expired> {
  const { documents, policy, lastRun, dryRun, log, now } = options;
  // A clock that is days ahead would make everything old.
  checkClocks({ 'our clock': now(), "S3's": await s3Time(documents) });
  const catalogue = await readCatalogue(documents);
  const { backups, orphans } = catalogue;
  const choice = chooseExpired({ backups: backups.map(toKept), orphans, policy, lastRun, now: now() });
  const result: Expired = { ...choice, deletedVersions: 0, freedBytes: 0, refused: [] };
  if (dryRun) return result;
  for (const entry of backups.filter(({ id }) => choice.expired.includes(id)))
    await expireBackup(documents, entry, result, log);
  for (const orphan of catalogue.orphans.filter((one) => isChosen(one, choice))) {
    log('info', 'orphan-removed', { backup: orphan.id, run: orphan.run, bytes: orphan.bytes });
    await remove(documents, orphan.keys, result);
  }
  return result;
}

function isChosen(orphan: Catalogue['orphans'][number], { orphans }: Choice): boolean {
  return orphans.some(({ id, run }) => id === orphan.id && run === orphan.run);
}

async function expireBackup(
  documents: Documents,
  { id, etag }: CatalogueEntry,
  result: Expired,
  log: Log,
): Promise<void> {
  // Read again: what was chosen must be what is deleted.
  const found = await findManifest(documents, id);
  if (found?.etag !== etag) return;
  log('info', 'backup-expired', { backup: id, snapshotAt: found.value.snapshotAt });
  // Locked after all: then what is left stays.
  const documentsOfIt = [backupKeys.verified(id), backupKeys.drilled(id), backupKeys.hold(id)];
  if (!(await remove(documents, documentsOfIt, result))) return;
  if (!(await remove(documents, [backupKeys.manifest(id)], result))) return;
  const data = dataOf(found.value).map(({ key }) => key);
  await remove(documents, data, result);
}

const AT_ONCE = 1_000;

/** Deletes every version of the keys, so that the space is free; false when S3 refused any. */
async function remove({ s3, bucket }: Documents, keys: readonly string[], result: Expired): Promise<boolean> {
  const versions: Version[] = [];
  for (const key of keys) versions.push(...(await versionsOf({ s3, bucket }, key)));
  const refusedBefore = result.refused.length;
  for (let at = 0; at < versions.length; at += AT_ONCE) {
    const batch = versions.slice(at, at + AT_ONCE);
    const Objects = batch.map(({ Key, VersionId }) => ({ Key, VersionId }));
    const deleted = await s3Call('s3:DeleteObjectVersion', `s3://${bucket}`, () =>
      s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })),
    );
    const errors = deleted.Errors ?? [];
    const kept = new Set(errors.map(({ Key, VersionId }) => `${Key} ${VersionId}`));
    for (const { Key, Code, Message } of errors) result.refused.push({ key: Key ?? '', reason: `${Code}: ${Message}` });
    for (const { Key, VersionId, size } of batch) {
      if (kept.has(`${Key} ${VersionId}`)) continue;
      result.deletedVersions += 1;
      result.freedBytes += size;
    }
  }
  return result.refused.length === refusedBefore;
}
