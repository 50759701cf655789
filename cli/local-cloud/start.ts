import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LocalCloudError } from '../errors.ts';
import { PROGRAM } from '../program.ts';
import { type Cloud, cloudDescription } from './description.ts';

export type RunningCloud = {
  cloud: Cloud;
  /** Settles when its process is gone, with the last lines that it said. */
  exited: Promise<string[]>;
  stop(): Promise<void>;
};

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const KEPT_LINES = 30;
const NEVER = 'cron(0 0 1 1 ? 2199)';
const NO_NIGHTS = { backupSchedule: NEVER, drillSchedule: NEVER };
/** A clean stop takes about a second; PostgreSQL may have a checkpoint to write. */
const STOP_MS = 30_000;

/**
 * Starts a local cloud on `data` as a child that ends when its standard input does, and so with us, however we end.
 * Resolves when it is ready.
 *
 * @param params of the stack; without them no night comes: its backup would have the database when a command wants it
 * @param onLine each line of its progress
 * @throws LocalCloudError with its last words
 */
export async function startCloud(options: {
  data: string;
  timeScale: number | null;
  port: number | null;
  onLine: (line: string) => void;
  interrupted: AbortSignal;
  params?: Record<string, string>;
}): Promise<RunningCloud> {
  const { data, timeScale, port, onLine, interrupted, params = NO_NIGHTS } = options;
  interrupted.throwIfAborted();
  const child = spawn(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', MAIN, '--data', data, '--until-stdin-ends'],
      ...(timeScale === null ? [] : ['--time-scale', `${timeScale}`]),
      ...(port === null ? [] : ['--port', `${port}`]),
      ...Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
    ],
    // Ctrl-C goes to the whole process group of a terminal; the cloud is to end after us, not at the same time.
    { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
  );
  const said: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    if (said.length > KEPT_LINES) said.shift();
    onLine(line);
  });
  const exited = gone(child).then(() => said);
  const stop = async () => {
    // A cloud that is gone already cannot be told that we have nothing more to say.
    child.stdin.on('error', () => undefined).end();
    const hard = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(hard);
  };
  const onInterrupt = () => void stop();
  interrupted.addEventListener('abort', onInterrupt, { once: true });
  try {
    return { cloud: await ready(child, exited, data), exited, stop };
  } catch (error) {
    await stop();
    interrupted.throwIfAborted();
    throw error;
  } finally {
    interrupted.removeEventListener('abort', onInterrupt);
  }
}

function ready(child: ChildProcess, exited: Promise<string[]>, data: string): Promise<Cloud> {
  return new Promise((resolve, reject) => {
    const failed = (said: readonly string[], cause?: unknown) =>
      reject(
        new LocalCloudError(['The local cloud did not start:', ...said].join('\n  '), {
          remedy: `Read its last lines above. If its data is broken, start anew: ${PROGRAM} local reset --data ${data}`,
          cause,
        }),
      );
    if (child.stdout) {
      createInterface({ input: child.stdout }).once('line', (line) => {
        try {
          resolve(cloudDescription.parse(JSON.parse(line)));
        } catch (cause) {
          failed([line], cause);
        }
      });
    }
    exited.then(failed, (cause: unknown) => failed([], cause));
  });
}

function gone(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
