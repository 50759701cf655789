import { fileURLToPath } from 'node:url';
import { toFault } from '../lib/errors.ts';
import { readArguments } from './arguments.ts';
import { startCloud } from './cloud.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** Kills whatever the cloud has started. There is nothing to kill before the data folder is ours. */
let kill: () => Promise<unknown> = async () => undefined;

/**
 * The process of a local cloud: progress on standard error, and when it is ready one line of JSON on standard output, which
 * is what `cloud.json` says. Ends at SIGINT, SIGTERM and SIGHUP, and with `--until-stdin-ends` when its standard input does,
 * so that whoever started it takes it along, however that one ends.
 */
async function main(): Promise<void> {
  const { untilStdinEnds, ...options } = readArguments(process.argv.slice(2));
  const interrupted = new AbortController();
  const ended = endOf(interrupted, untilStdinEnds);
  try {
    const cloud = await startCloud({
      ...options,
      root: ROOT,
      now: () => new Date(),
      say,
      interrupted: interrupted.signal,
      onTaken: (killAll) => {
        kill = killAll;
      },
    });
    say(`ready at ${cloud.description.endpoint}`);
    process.stdout.write(`${JSON.stringify(cloud.description)}\n`);
    await ended;
    say('stopping');
    await cloud.stop();
  } catch (error) {
    if (!interrupted.signal.aborted || error !== interrupted.signal.reason) throw error;
    process.exitCode = 130;
  }
}

/** Resolves when it is time to stop. The second signal waits for no clean stop, and still leaves no process behind. */
function endOf(interrupted: AbortController, untilStdinEnds: boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      interrupted.abort(new Error('The local cloud was told to stop.'));
      resolve();
    };
    const onSignal = () => {
      if (interrupted.signal.aborted) void kill().finally(() => process.exit(130));
      else stop();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
    if (untilStdinEnds) process.stdin.on('end', stop).on('error', stop).resume();
  });
}

/** A fault of our own ends the cloud as `kill -9` does, but says what it was and leaves no process behind. */
async function crash(error: unknown): Promise<void> {
  tell(error);
  await kill();
  process.exit(1);
}

function tell(error: unknown): void {
  const { name, message, remedy } = toFault(error);
  say(remedy === null && error instanceof Error ? (error.stack ?? message) : `${name}: ${message}`);
  if (remedy !== null) say(`Remedy: ${remedy}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

// Who listened to us may be gone: that is no reason to die before PostgreSQL is stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
process.on('uncaughtException', (error) => void crash(error));

main().then(
  // Nothing of a cloud that has stopped is worth waiting for.
  () => process.exit(),
  (error: unknown) => {
    tell(error);
    process.exit(1);
  },
);
