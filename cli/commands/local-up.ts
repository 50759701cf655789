import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command, Context } from '../command.ts';
import { LocalCloudError, UsageError } from '../errors.ts';
import { attach } from '../local-cloud/attach.ts';
import type { Cloud } from '../local-cloud/description.ts';
import { startCloud } from '../local-cloud/start.ts';
import { DATA_OPTION, readData, TIME_SCALE_OPTION } from '../options.ts';

/** Keeps a local cloud on `data` until it is interrupted; `onReady` gets what it says of itself. */
export async function localUp(
  settings: { data: string; port: number | null; timeScale: number | null; onReady: (cloud: Cloud) => void },
  { terminal, interrupted }: Context,
): Promise<void> {
  const { data, port, timeScale, onReady } = settings;
  const running = await attach(data);
  if (running !== null) {
    throw new LocalCloudError(`A local cloud runs on ${data} already: ${running.endpoint}, process ${running.pid}.`, {
      remedy: 'Use that one, end it first, or name another folder with --data.',
    });
  }
  const started = await startCloud({ data, port, timeScale, interrupted, onLine: (line) => terminal.err(line) });
  onReady(started.cloud);
  const over = new Promise<'interrupted'>((resolve) => {
    if (interrupted.aborted) resolve('interrupted');
    interrupted.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const end = await Promise.race([over, started.exited]);
  if (end === 'interrupted') await started.stop();
  else {
    throw new LocalCloudError(['The local cloud ended by itself:', ...end].join('\n  '), {
      remedy: 'Start it again; what was running is found and ended first.',
    });
  }
}

/** Lines for a shell to take up, of what leads the AWS CLI, the SDKs and kubectl to the cloud. */
export function exports(cloud: Cloud): string {
  const variables = {
    AWS_ENDPOINT_URL: cloud.endpoint,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ACCESS_KEY_ID: cloud.accessKeyId,
    AWS_SECRET_ACCESS_KEY: cloud.secretAccessKey,
    KUBECONFIG: cloud.kubeconfig,
  };
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'`)
    .join('\n');
}

export const localUpCommand: Command = {
  positional: null,
  options: {
    ...DATA_OPTION,
    port: { value: 'N', help: 'the port of the AWS endpoint (default: one that is chosen once for the data folder)' },
    ...TIME_SCALE_OPTION,
  },
  exits: [
    { code: 0, when: 'it was ended by Ctrl-C or SIGTERM' },
    { code: EXIT_USAGE, when: 'wrong usage, or a data folder that cannot be used' },
    { code: EXIT_FAULT, when: 'it did not start, or ended by itself' },
  ],
  examples: [
    'carthub-db local up',
    'carthub-db local up > cloud.env &   # then: . ./cloud.env; aws rds describe-db-instances',
  ],
  async run(given, context) {
    const port = given.number('port');
    if (port !== null && !(Number.isInteger(port) && port < 65_536)) {
      throw new UsageError(`--port must be a whole number below 65536, not ${port}.`, { remedy: 'As in --port 4566.' });
    }
    const onReady = (cloud: Cloud) => {
      context.terminal.out(exports(cloud));
      context.terminal.err(`The local cloud is up at ${cloud.endpoint}. Ctrl-C ends it; its data stays.`);
    };
    await localUp({ data: readData(given, context), port, timeScale: given.number('time-scale'), onReady }, context);
    return 0;
  },
};
