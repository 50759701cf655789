import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { type Context, keyArn } from '../context.ts';
import { withSession } from '../engine/session.ts';
import { type Instance, noChange } from '../instance.ts';
import { deleteManagedSecret, ensureManagedSecret, rotateManagedSecret } from '../managed-secret.ts';
import { atPace } from '../pace.ts';
import { scramVerifier } from '../secret.ts';
import { automatedBackups } from './back-up.ts';

/** Whether something of a call to ModifyDBInstance is still to be done. */
export function hasDue({ due, securityGroups }: Instance): boolean {
  return (
    due.identifier !== null ||
    due.masterVerifier !== null ||
    due.secret !== null ||
    Object.keys(due.settings).length > 0 ||
    securityGroups.some(({ status }) => status !== 'active')
  );
}

/** Applies what is due. Each part can be done twice, and all of it counts as done in one write at the end. */
export async function applyDue(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const { hosts, inventory } = context;
  const { identifier, settings } = instance.due;
  const days = instance.settings.BackupRetentionPeriod;
  const turned = settings.BackupRetentionPeriod !== undefined && settings.BackupRetentionPeriod > 0 !== days > 0;
  // A rename is a reboot. The old name leads nowhere from now on, and the new one nowhere before the end.
  if (identifier !== null) await hosts.stop(instance, 'fast');
  await atPace(context, identifier === null ? 'modification' : 'renaming', signal, async () => {
    if (instance.due.masterVerifier === null && instance.due.secret === null) return;
    await hosts.start(instance, signal);
    await setCredentials(context, instance);
  });
  // RDS restarts the instance for either.
  if (identifier !== null || turned) await hosts.stop(instance, 'fast');
  Object.assign(instance.settings, settings);
  instance.identifier = identifier ?? instance.identifier;
  instance.securityGroups = instance.securityGroups
    .filter(({ status }) => status !== 'removing')
    .map(({ id }) => ({ id, status: 'active' }));
  instance.due = noChange();
  if (turned && instance.settings.BackupRetentionPeriod === 0) await dropBackups(context, instance);
  await inventory.save(instance);
}

async function setCredentials(context: Context, instance: Instance): Promise<void> {
  const { masterVerifier, secret } = instance.due;
  if (masterVerifier !== null) await setPassword(context, instance, masterVerifier);
  switch (secret?.kind) {
    case 'manage': {
      const { arn, password } = await ensureManagedSecret(context, instance, secret.token);
      await setPassword(context, instance, scramVerifier(password));
      const kmsKeyId = instance.masterSecret?.kmsKeyId ?? keyArn(context, 'secretsmanager');
      instance.masterSecret = { arn, status: 'active', kmsKeyId };
      return;
    }
    case 'rotate': {
      const { password, finish } = await rotateManagedSecret(context, instance, secret.token);
      await setPassword(context, instance, scramVerifier(password));
      await finish();
      if (instance.masterSecret) instance.masterSecret.status = 'active';
      return;
    }
    case 'release':
      await deleteManagedSecret(context, instance);
      instance.masterSecret = null;
  }
}

async function setPassword({ hosts }: Context, instance: Instance, verifier: string): Promise<void> {
  await withSession(hosts.entrance(instance), (client) =>
    client.query(`alter role ${pg.escapeIdentifier(instance.masterUsername)} password ${pg.escapeLiteral(verifier)}`),
  );
}

/** Retention 0 deletes every automated backup at once. */
async function dropBackups(context: Context, instance: Instance): Promise<void> {
  const { inventory } = context;
  instance.latestRestorableTime = null;
  for (const backup of automatedBackups(context, instance.resourceId)) await inventory.removeSnapshot(backup);
  const archive = inventory.paths.wal(instance.resourceId);
  for (const name of await readdir(archive)) await rm(join(archive, name), { force: true });
}
