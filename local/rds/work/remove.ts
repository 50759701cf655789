import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Context } from '../context.ts';
import type { Instance } from '../instance.ts';
import { deleteManagedSecret } from '../managed-secret.ts';
import { atPace } from '../pace.ts';
import { automatedBackups, newSnapshot, takeSnapshot } from './back-up.ts';
import { shipNow } from './ship.ts';

/** Deletes an instance, after its final snapshot; what was begun earlier is gone on with. */
export async function remove(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const { hosts, inventory, works } = context;
  const { finalSnapshot, keepBackups } = instance.deletion ?? { finalSnapshot: null, keepBackups: false };
  const isThere = existsSync(inventory.paths.data(instance.resourceId));
  const keeps = keepBackups && automatedBackups(context, instance.resourceId).length > 0;
  await atPace(context, 'deletion', signal, async () => {
    const needsSnapshot = finalSnapshot !== null && inventory.findSnapshot(finalSnapshot)?.status !== 'available';
    if (!isThere || !(needsSnapshot || keeps)) return;
    await hosts.start(instance, signal);
    if (needsSnapshot) {
      const snapshot = newSnapshot(context, instance, { identifier: finalSnapshot, type: 'manual', tags: [] });
      await inventory.saveSnapshot(snapshot);
      await takeSnapshot(context, instance, snapshot, signal);
    }
    if (keeps) await shipNow(context, instance, signal);
  });
  await hosts.stop(instance, 'fast');
  // What is being restored from its backups needs them until it is there.
  const isOwn = (snapshot: string) => inventory.findSnapshot(snapshot)?.instance.resourceId === instance.resourceId;
  const readers = inventory
    .instances()
    .filter(
      ({ origin }) =>
        (origin.kind === 'time' && origin.source === instance.resourceId) ||
        (origin.kind === 'snapshot' && isOwn(origin.snapshot)),
    );
  await Promise.all(
    readers.filter(({ status }) => status === 'creating').map(({ resourceId }) => works.idle(resourceId)),
  );
  signal.throwIfAborted();
  await deleteManagedSecret(context, instance);
  if (keeps) {
    await rm(inventory.paths.data(instance.resourceId), { recursive: true, force: true });
    instance.status = 'retained';
    return inventory.save(instance);
  }
  const backups = inventory
    .snapshots()
    .filter(({ type, instance: of }) => type === 'automated' && of.resourceId === instance.resourceId);
  for (const backup of backups) await inventory.removeSnapshot(backup);
  return inventory.remove(instance);
}
