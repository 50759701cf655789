import { chown, link, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runUser } from '../../../embedded/run-user.ts';
import type { Context } from '../context.ts';
import { linkTree } from '../engine/copy-tree.ts';
import type { Instance } from '../instance.ts';
import { atPace } from '../pace.ts';
import type { Snapshot } from '../snapshot.ts';
import { newAutomatedBackup } from './back-up.ts';
import { shipNow } from './ship.ts';

/**
 * Begins the first automated backup of an instance that is being restored, which copies nothing: it is the backup that the
 * instance is restored from, with the archived WAL that leads from there to the instance. Neither ever changes, so both are
 * shared by hard links, and outlive the source.
 *
 * @param from.archive of the source; null where the backup alone makes the instance
 */
export async function inherit(
  context: Context,
  instance: Instance,
  { backup, archive }: { backup: Snapshot | undefined; archive: string | null },
): Promise<void> {
  const { inventory } = context;
  const { paths } = inventory;
  if (instance.settings.BackupRetentionPeriod === 0 || !backup?.firstSegment) return;
  const snapshot = newAutomatedBackup(context, instance);
  Object.assign(snapshot, { inherited: true, firstSegment: backup.firstSegment });
  await inventory.saveSnapshot(snapshot);
  const to = paths.snapshotData(snapshot.identifier);
  await rm(to, { recursive: true, force: true });
  await linkTree(paths.snapshotData(backup.identifier), to);
  const own = paths.wal(instance.resourceId);
  await mkdir(own, { mode: 0o700 });
  const user = runUser();
  if (user) await chown(own, user.uid, user.gid);
  for (const name of archive === null ? [] : await readdir(archive)) {
    const isNeeded = name >= backup.firstSegment || name.includes('.history');
    if (name.endsWith('.gz') && isNeeded) await link(join(archive ?? '', name), join(own, name));
  }
}

/** The backup that {@link inherit} began, while it is not complete. */
export function begunBackup({ inventory }: Context, { resourceId }: Instance): Snapshot | undefined {
  return inventory
    .snapshots()
    .find(
      ({ inherited, status, instance }) => inherited && status === 'creating' && instance.resourceId === resourceId,
    );
}

export async function dropBegun(context: Context, instance: Instance): Promise<void> {
  const begun = begunBackup(context, instance);
  if (begun) await context.inventory.removeSnapshot(begun);
}

/** Completes it: from the first time on that is archived under the instance's own name it can be restored. */
export async function completeBackup(
  context: Context,
  instance: Instance,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<void> {
  await atPace(context, 'backup', signal, () => shipNow(context, instance, signal));
  const time = instance.latestRestorableTime;
  Object.assign(snapshot, { databaseTime: time, consistentAt: time, status: 'available' });
  await context.inventory.saveSnapshot(snapshot);
}
