import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runUser } from '../../../embedded/run-user.ts';
import type { Context } from '../context.ts';
import { restoreCommand } from '../engine/archive.ts';
import { bootstrap } from '../engine/bootstrap.ts';
import { copyTree } from '../engine/copy-tree.ts';
import type { Instance } from '../instance.ts';
import { scramVerifier } from '../secret.ts';
import type { Snapshot } from '../snapshot.ts';
import { automatedBackups } from './back-up.ts';
import { dropBegun, inherit } from './inherit.ts';

/** Makes the cluster of an instance, from nothing whatever an earlier try left, and starts its server. */
export async function build(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const { inventory, hosts } = context;
  const root = inventory.paths.root(instance.resourceId);
  await dropBegun(context, instance);
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { mode: 0o700 });
  const user = runUser();
  if (user) await chown(root, user.uid, user.gid);
  const { origin } = instance;
  switch (origin.kind) {
    case 'new':
      await makeNew(context, instance, origin.masterVerifier);
      return hosts.start(instance, signal);
    case 'snapshot': {
      const backup = inventory.findSnapshot(origin.snapshot);
      if (backup?.inherited && backup.databaseTime !== null) {
        const target = { source: backup.instance.resourceId, at: backup.databaseTime };
        return recover(context, instance, backup, target, signal);
      }
      await copyBackup(context, instance, backup, signal);
      await inherit(context, instance, { backup, archive: null });
      return hosts.start(instance, signal);
    }
    case 'time': {
      // The newest that was whole by then.
      const backup = automatedBackups(context, origin.source).findLast(
        ({ consistentAt }) => (consistentAt ?? '~') <= origin.at,
      );
      return recover(context, instance, backup, { source: origin.source, at: origin.at }, signal);
    }
  }
}

function makeNew(context: Context, instance: Instance, verifier: string): Promise<void> {
  const { inventory, processes, installation, secret } = context;
  return bootstrap({
    folder: inventory.paths.data(instance.resourceId),
    processes,
    installation: installation.folder,
    rdsadmin: scramVerifier(secret),
    master: { name: instance.masterUsername, verifier },
    database: instance.database,
  });
}

async function copyBackup(
  { inventory }: Context,
  instance: Instance,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (snapshot?.status !== 'available')
    throw new Error(`What ${instance.identifier} is made from is not there any more.`);
  const from = inventory.paths.snapshotData(snapshot.identifier);
  const to = inventory.paths.data(instance.resourceId);
  await copyTree({ from, to, owner: runUser(), signal });
}

/** Point-in-time recovery: a backup, and the source's archived WAL up to the time. */
async function recover(
  context: Context,
  instance: Instance,
  backup: Snapshot | undefined,
  target: { source: string; at: string },
  signal: AbortSignal,
): Promise<void> {
  const { inventory, hosts } = context;
  const { paths } = inventory;
  await copyBackup(context, instance, backup, signal);
  await inherit(context, instance, { backup, archive: paths.wal(target.source) });
  const data = paths.data(instance.resourceId);
  await writeFile(join(data, 'recovery.signal'), '');
  await hosts.start(instance, signal, {
    restore_command: restoreCommand(relative(data, paths.wal(target.source))),
    recovery_target_time: target.at.replace('T', ' ').replace('Z', '+00'),
    recovery_target_action: 'promote',
    // Nobody reads before it is done; and it would insist on the source's limits.
    hot_standby: 'off',
  });
}
