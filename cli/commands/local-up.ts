import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import { EXIT_FAULT, EXIT_USAGE } from '../../lib/runs/outcome.ts';
import type { Command, Context } from '../command.ts';
import { LocalCloudError, UsageError } from '../errors.ts';
import { unlessInterrupted } from '../interruption.ts';
import { attach } from '../local-cloud/attach.ts';
import type { Cloud } from '../local-cloud/description.ts';
import { startCloud } from '../local-cloud/start.ts';
import { refuseOtherScale } from '../local-cloud/with-cloud.ts';
import { DATA_OPTION, readData, readTimeScale, TIME_SCALE_OPTION } from '../options.ts';
import { withLocalStack } from '../stack/stack.ts';

/**
 * Keeps a local cloud on `data` until it is interrupted; `onReady` gets what it says of itself. Where one runs already,
 * that one is told of, and left alone.
 */
export async function localUp(
  settings: { data: string; port: number | null; timeScale: number | null; onReady: (up: UpCloud) => Promise<void> },
  { terminal, interrupted }: Context,
): Promise<void> {
  const { data, port, timeScale, onReady } = settings;
  const running = await attach(data);
  if (running !== null) {
    refuseOtherScale(running, timeScale);
    return onReady({ cloud: running, own: false });
  }
  const started = await startCloud({
    ...{ data, port, timeScale, interrupted, onLine: (line: string) => terminal.err(line), params: {} },
  });
  try {
    await onReady({ cloud: started.cloud, own: true });
    const said = await unlessInterrupted(interrupted, started.exited);
    throw new LocalCloudError(['The local cloud ended by itself:', ...said].join('\n  '), {
      remedy: 'Start it again; what was running is found and ended first.',
    });
  } catch (error) {
    // To be interrupted is how it is meant to end.
    if (!interrupted.aborted) throw error;
  } finally {
    await started.stop();
  }
}

type UpCloud = { cloud: Cloud; own: boolean };

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

/** Where the database is, without its password, which the secret has. */
function address(cloud: Cloud): Promise<string> {
  return withLocalStack({ cloud, database: 'carthub' }, async ({ secret, names }) => {
    const { username, host, port, dbname } = parseDatabaseSecret(await secret(names.secret));
    return `postgresql://${username}@${host}:${port}/${dbname}?sslmode=verify-full&sslrootcert=${cloud.databaseCaFile} (password: secret ${names.secret})`;
  });
}

export const localUpCommand: Command = {
  positional: null,
  options: {
    ...DATA_OPTION,
    port: { value: 'N', help: 'the port of the AWS endpoint (default: one that is chosen once for the data folder)' },
    ...TIME_SCALE_OPTION,
  },
  exits: [
    { code: 0, when: 'it was ended by Ctrl-C or SIGTERM, or one runs on the folder already' },
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
    const { terminal } = context;
    const onReady = async ({ cloud, own }: UpCloud) => {
      terminal.out(`${exports(cloud)}\n# ${await address(cloud)}`);
      terminal.err(
        own
          ? `The local cloud is up at ${cloud.endpoint}. Ctrl-C ends it; its data stays.`
          : `The local cloud runs already, at ${cloud.endpoint}, as process ${cloud.pid}, which goes on.`,
      );
    };
    await localUp({ data: readData(given, context), port, timeScale: readTimeScale(given), onReady }, context);
    return 0;
  },
};
