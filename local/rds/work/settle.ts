import type { Context } from '../context.ts';
import { CHANGING, type Instance } from '../instance.ts';
import { atPace, scaled } from '../pace.ts';
import { applyDue, hasDue } from './apply.ts';
import { backUp, needsBackup } from './back-up.ts';
import { build } from './build.ts';
import { dropBegun } from './inherit.ts';
import { remove } from './remove.ts';
import { keepShipping } from './ship.ts';

/**
 * Begins whatever brings the instance from the state on its record to the one that it should be in: available, or gone.
 * Every call that changes an instance notes what it wants on the record and comes here, and so does the next start after
 * a crash, wherever that hit.
 */
export function settle(context: Context, instance: Instance): void {
  context.works.begin(instance.resourceId, async (signal) => {
    // Twice, because a server that somebody killed in the middle comes back.
    for (const isLast of [false, true]) {
      try {
        return await converge(context, instance, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        context.say(`rds: ${instance.identifier} is ${instance.status}: ${describe(error)}`);
        if (isLast) await fail(context, instance);
      }
    }
  });
}

async function converge(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const { hosts, inventory } = context;
  if (instance.status === 'failed' || instance.status === 'incompatible-restore') return;
  if (instance.status === 'deleting') return remove(context, instance, signal);
  if (instance.status === 'rebooting') {
    // As a crash: sessions end as they are, and what they had not committed is gone.
    await hosts.stop(instance, 'immediate');
    await atPace(context, 'reboot', signal, () => hosts.start(instance, signal));
  }
  if (instance.status === 'creating') {
    await build(context, instance, signal);
    instance.status = needsBackup(context, instance) ? 'backing-up' : 'modifying';
    if (instance.origin.kind !== 'new') instance.hydration = hydration(context);
    await inventory.save(instance);
  }
  if (instance.due.identifier === null) await hosts.start(instance, signal);
  if (hasDue(instance) || CHANGING.includes(instance.status)) await applyDue(context, instance, signal);
  for (const role of instance.roles) role.status = 'ACTIVE';
  await hosts.start(instance, signal);
  await hosts.open(instance);
  if (needsBackup(context, instance)) {
    instance.status = 'backing-up';
    await inventory.save(instance);
    await backUp(context, instance, signal);
  }
  instance.status = 'available';
  await inventory.save(instance);
  if (instance.settings.BackupRetentionPeriod > 0) {
    keepShipping(context, instance, () => {
      if (instance.status === 'available' && needsBackup(context, instance)) settle(context, instance);
    });
  }
}

function hydration(context: Context): Instance['hydration'] {
  const from = context.now();
  return { from: from.toISOString(), until: new Date(from.getTime() + scaled(context, 'hydration')).toISOString() };
}

async function fail(context: Context, instance: Instance): Promise<void> {
  const { hosts, inventory } = context;
  await hosts.stop(instance, 'immediate');
  await dropBegun(context, instance);
  instance.failedIn = instance.status;
  const restoring = instance.status === 'creating' && instance.origin.kind !== 'new';
  instance.status = restoring ? 'incompatible-restore' : 'failed';
  await inventory.save(instance);
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
