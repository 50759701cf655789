import type { Terminal } from '../command.ts';
import { LocalCloudError, UsageError } from '../errors.ts';
import { attach, attachToStarting } from './attach.ts';
import type { Cloud } from './description.ts';
import { type RunningCloud, startCloud } from './start.ts';
import { untilUnused, useCloud } from './users.ts';

/** `own`: it was started for this command and ends with it. */
export type UsedCloud = { cloud: Cloud; own: boolean };

type Options = { data: string; timeScale: number | null; terminal: Terminal; interrupted: AbortSignal };

/**
 * Lends `use` the local cloud that runs on `data`, or one that is started for its sake and stopped when nobody else uses it
 * any more.
 *
 * @throws LocalCloudError when it goes away meanwhile, UsageError when it runs with another time scale than asked for
 */
export async function withCloud<T>(options: Options, use: (used: UsedCloud) => Promise<T>): Promise<T> {
  const { data, timeScale } = options;
  const release = useCloud(data);
  try {
    const running = (await attach(data)) ?? (await startOrAttach(options));
    if ('stop' in running) return await owned(running, options, use);
    refuseOtherScale(running, timeScale);
    return await attached(running, data, use);
  } finally {
    await release();
  }
}

async function owned<T>(running: RunningCloud, options: Options, use: (used: UsedCloud) => Promise<T>): Promise<T> {
  const { data, terminal, interrupted } = options;
  terminal.live(null);
  try {
    const result = await Promise.race([use({ cloud: running.cloud, own: true }), lost(running.exited)]);
    const onWait = () =>
      terminal.err('Another command still uses the local cloud that this one started; waiting for it.');
    await untilUnused(data, onWait, interrupted);
    return result;
  } finally {
    await running.stop();
  }
}

/** Two commands may start at the same time; then one of them is too late, and uses the other's cloud. */
async function startOrAttach({ data, timeScale, terminal, interrupted }: Options): Promise<RunningCloud | Cloud> {
  terminal.live('starting the local cloud');
  try {
    return await startCloud({ data, timeScale, port: null, interrupted, onLine: (line) => terminal.live(line) });
  } catch (error) {
    if (!(error instanceof LocalCloudError)) throw error;
    const other = await attachToStarting(data, interrupted);
    if (other === null) throw error;
    return other;
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

/** @throws UsageError when a cloud that runs has another time scale than asked for */
export function refuseOtherScale(cloud: Cloud, timeScale: number | null): void {
  if (timeScale === null || timeScale === cloud.timeScale) return;
  throw new UsageError(`The local cloud runs already, with --time-scale ${cloud.timeScale}.`, {
    remedy: `Leave --time-scale out, or end that cloud first (process ${cloud.pid}).`,
  });
}
