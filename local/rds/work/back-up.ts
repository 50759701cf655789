import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { takeBaseBackup } from '../engine/base-backup.ts';
import { withSession } from '../engine/session.ts';
import type { Instance, Tags } from '../instance.ts';
import { atPace } from '../pace.ts';
import type { Snapshot } from '../snapshot.ts';
import { begunBackup, completeBackup } from './inherit.ts';
import { shipNow } from './ship.ts';

const DAY = 86_400_000;

/** The record of a snapshot that is about to be taken. */
export function newSnapshot(
  { now, hosts }: Context,
  instance: Instance,
  identity: { identifier: string; type: Snapshot['type']; tags: Tags },
): Snapshot {
  const { identifier, resourceId, createdAt, masterUsername, database, settings } = instance;
  return {
    ...identity,
    tags: structuredClone(identity.tags),
    status: 'creating',
    createdAt: now().toISOString(),
    databaseTime: null,
    consistentAt: null,
    firstSegment: null,
    inherited: false,
    instance: {
      ...{ identifier, resourceId, createdAt, masterUsername, database },
      port: hosts.port(instance) ?? 5432,
      settings: structuredClone(settings),
    },
  };
}

/** Takes the snapshot of a running instance. */
export async function takeSnapshot(
  context: Context,
  instance: Instance,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<void> {
  const { inventory, hosts } = context;
  const to = inventory.paths.snapshotData(snapshot.identifier);
  const data = inventory.paths.data(instance.resourceId);
  await rm(to, { recursive: true, force: true });
  try {
    const backup = await atPace(context, 'backup', signal, () =>
      withSession(hosts.entrance(instance), (client) => takeBaseBackup({ client, data, to, signal })),
    );
    Object.assign(snapshot, backup);
    snapshot.status = 'available';
  } catch (error) {
    snapshot.status = 'failed';
    await rm(to, { recursive: true, force: true });
    throw error;
  } finally {
    await inventory.saveSnapshot(snapshot);
  }
}

/** The automated snapshots of an instance, oldest first. */
export function automatedBackups({ inventory }: Pick<Context, 'inventory'>, resourceId: string): Snapshot[] {
  return inventory
    .snapshots()
    .filter(
      ({ type, status, instance }) =>
        type === 'automated' && status === 'available' && instance.resourceId === resourceId,
    )
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/** Whether the instance is due for its automated backup: it has none yet, or none of the last day. */
export function needsBackup(context: Context, { resourceId, settings }: Instance): boolean {
  const newest = automatedBackups(context, resourceId).at(-1);
  const age = newest ? context.now().getTime() - Date.parse(newest.createdAt) : Number.POSITIVE_INFINITY;
  return settings.BackupRetentionPeriod > 0 && age > DAY;
}

/** Takes the automated backup, from which on times can be restored, and drops those past their retention. */
export async function backUp(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const begun = begunBackup(context, instance);
  if (begun) return completeBackup(context, instance, begun, signal);
  const snapshot = newAutomatedBackup(context, instance);
  await context.inventory.saveSnapshot(snapshot);
  await takeSnapshot(context, instance, snapshot, signal);
  await shipNow(context, instance, signal);
  await dropOutdated(context, instance);
}

/** The record of an automated backup that is about to be taken. */
export function newAutomatedBackup(context: Context, instance: Instance): Snapshot {
  const minute = context.now().toISOString().slice(0, 16).replace(/[T:]/g, '-');
  let identifier = `rds:${instance.identifier}-${minute}`;
  while (context.inventory.findSnapshot(identifier)) identifier += '-1';
  const tags = instance.settings.CopyTagsToSnapshot ? instance.tags : [];
  return newSnapshot(context, instance, { identifier, type: 'automated', tags });
}

async function dropOutdated(context: Context, { resourceId, settings }: Instance): Promise<void> {
  const { inventory, now } = context;
  const oldestWanted = new Date(now().getTime() - settings.BackupRetentionPeriod * DAY).toISOString();
  const backups = automatedBackups(context, resourceId);
  // The one before the first wanted day is where recoveries into that day start.
  const keptFrom = Math.max(
    backups.findLastIndex(({ createdAt }) => createdAt <= oldestWanted),
    0,
  );
  for (const outdated of backups.slice(0, keptFrom)) {
    if (!isBeingRestored(context, outdated)) await inventory.removeSnapshot(outdated);
  }
  const first = automatedBackups(context, resourceId)[0]?.firstSegment;
  const archive = inventory.paths.wal(resourceId);
  for (const name of await readdir(archive)) {
    // Names order segments within a timeline, and later timelines after; histories and labels are small and stay.
    if (first && /^[0-9A-F]{24}\.gz$/.test(name) && name < first) await rm(join(archive, name));
  }
}

/** Whether an instance is being made from this snapshot, directly or as the start of a recovery. */
export function isBeingRestored(
  { inventory }: Pick<Context, 'inventory'>,
  { identifier, instance, type }: Snapshot,
): boolean {
  return inventory
    .instances()
    .some(
      ({ status, origin }) =>
        status === 'creating' &&
        ((origin.kind === 'snapshot' && origin.snapshot === identifier) ||
          (origin.kind === 'time' && type === 'automated' && origin.source === instance.resourceId)),
    );
}
