import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { ship } from '../engine/archive.ts';
import type { Instance } from '../instance.ts';
import { scaled } from '../pace.ts';

/** Ships WAL once, and moves the latest restorable time. */
export async function shipNow(context: Context, instance: Instance, signal: AbortSignal): Promise<void> {
  const { hosts, inventory } = context;
  const archive = inventory.paths.wal(instance.resourceId);
  const time = await ship({ entrance: hosts.entrance(instance), archive, signal });
  // Clocks are set back now and then; what is archived stays archived.
  if (instance.latestRestorableTime === null || time > instance.latestRestorableTime) {
    instance.latestRestorableTime = time;
    await inventory.save(instance);
  }
}

const shipping = new WeakSet<AbortSignal>();

/**
 * Ships WAL at RDS's pace as long as the instance's server runs.
 *
 * @param after heard after each time
 */
export function keepShipping(context: Context, instance: Instance, after: () => void): void {
  const signal = context.hosts.whileRunning(instance);
  if (shipping.has(signal)) return;
  shipping.add(signal);
  void shipUntil(context, instance, signal, after);
}

async function shipUntil(context: Context, instance: Instance, signal: AbortSignal, after: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      await delay(scaled(context, 'shipping'), undefined, { signal });
      await shipNow(context, instance, signal);
      after();
    } catch (error) {
      if (!signal.aborted) context.say(`rds: ${instance.identifier}: its log could not be shipped: ${String(error)}`);
    }
  }
}
