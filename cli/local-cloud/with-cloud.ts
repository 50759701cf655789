import type { Terminal } from '../command.ts';
import { LocalCloudError, UsageError } from '../errors.ts';
import { attach } from './attach.ts';
import type { Cloud } from './description.ts';
import { startCloud } from './start.ts';

/** `own`: it was started for this command and ends with it. */
export type UsedCloud = { cloud: Cloud; own: boolean };

/**
 * Lends `use` the local cloud that runs on `data`, or one that is started for its sake and stopped afterwards.
 *
 * @throws LocalCloudError when it goes away meanwhile, UsageError when it runs with another time scale than asked for
 */
export async function withCloud<T>(
  options: { data: string; timeScale: number | null; terminal: Terminal; interrupted: AbortSignal },
  use: (used: UsedCloud) => Promise<T>,
): Promise<T> {
  const { data, timeScale, terminal, interrupted } = options;
  const running = await attach(data);
  if (running !== null) {
    refuseOtherScale(running, timeScale);
    return await attached(running, data, use);
  }
  terminal.live('starting the local cloud');
  const started = await startCloud({ data, timeScale, port: null, interrupted, onLine: (line) => terminal.live(line) });
  terminal.live(null);
  try {
    return await Promise.race([use({ cloud: started.cloud, own: true }), lost(started.exited)]);
  } finally {
    await started.stop();
  }
}

async function attached<T>(cloud: Cloud, data: string, use: (used: UsedCloud) => Promise<T>): Promise<T> {
  try {
    return await use({ cloud, own: false });
  } catch (error) {
    if ((await attach(data)) !== null) throw error;
    throw new LocalCloudError(`The local cloud on ${data}, which another command had started, has ended.`, {
      remedy: 'Start this command again. To keep the cloud running: npx carthub-db local up',
      cause: error,
    });
  }
}

async function lost(exited: Promise<string[]>): Promise<never> {
  const said = await exited;
  throw new LocalCloudError(['The local cloud ended while it was used:', ...said].join('\n  '), {
    remedy: 'Start the command again: what was running is found, ended and assessed first.',
  });
}

function refuseOtherScale(cloud: Cloud, timeScale: number | null): void {
  if (timeScale === null || timeScale === cloud.timeScale) return;
  throw new UsageError(`The local cloud runs already, with --time-scale ${cloud.timeScale}.`, {
    remedy: `Leave --time-scale out, or end that cloud first (process ${cloud.pid}).`,
  });
}
