import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { hasCode } from '../../../embedded/error-code.ts';
import { writeDown } from '../../../embedded/processes.ts';
import type { Log } from './log.ts';

/** How long output may still come from processes that outlived the container's own. */
const DRAIN_MS = 2_000;

/** A container that runs: one process of this machine, the leader of a process group of its own. */
export type RunningContainer = {
  pid: number;
  /** Its exit code: 128 and the signal's number when a signal ended it. By then its log is complete. */
  exited: Promise<number>;
  /** SIGTERM to the container's own process, as container runtimes do; a stopped one hears it when it goes on. */
  terminate(): void;
  /** SIGKILL to all its processes; works on stopped ones. */
  kill(): void;
};

/**
 * Starts the container's process, as the same user as the local cloud: the image's folder belongs to that user, and the user
 * ids of the spec are the container's, not this machine's. Resources are not limited. It gets `env` and nothing else of ours.
 * Throws what `spawn` throws when there is no such program.
 */
export async function startContainer(options: {
  command: string[];
  env: Record<string, string>;
  cwd: string;
  log: Log;
  processes: string;
  now: () => Date;
}): Promise<RunningContainer> {
  const [program = '', ...args] = options.command;
  const { log, now } = options;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    // A group of its own: the whole of it is killed at the end, and Ctrl-C in the cloud's terminal does not reach it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk: Buffer) => log.write('stdout', chunk, now()));
  child.stderr.on('data', (chunk: Buffer) => log.write('stderr', chunk, now()));
  const closed = once(child, 'close').catch(() => undefined);
  const exit = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
  if (child.pid === undefined) throw await spawnError(child);
  const pid = child.pid;
  const crossOut = writeDown(options.processes, pid, { group: true });
  let isOver = false;
  const signal = (target: number, name: NodeJS.Signals) => {
    // The number may be somebody else's by then.
    if (isOver) return;
    try {
      process.kill(target, name);
    } catch (error) {
      if (!hasCode(error, 'ESRCH')) throw error;
    }
  };
  const ended = async () => {
    const code = await exit;
    // A container's other processes do not outlive its first.
    signal(-pid, 'SIGKILL');
    isOver = true;
    const timer = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, DRAIN_MS);
    await closed;
    clearTimeout(timer);
    log.close(now());
    await crossOut();
    return code;
  };
  return { pid, exited: ended(), terminate: () => signal(pid, 'SIGTERM'), kill: () => signal(-pid, 'SIGKILL') };
}

/** Node says in an event why there is no process. */
async function spawnError(child: ChildProcess): Promise<unknown> {
  const [error] = await once(child, 'error');
  return error;
}
