import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { binaries } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { writeDown } from './processes.ts';
import { runUser } from './run-user.ts';

export type Program = {
  child: ChildProcess;
  pid: number;
  /** The last lines of what it says on standard error. */
  said: string[];
  /** Its exit code, null after a signal, once it is gone and all of its output is read. */
  exited: Promise<number | null>;
};

/**
 * Starts one of PostgreSQL's programs as the user that may run it, in an environment of ours, and writes it down while it
 * runs, see {@link writeDown}. Its own process group: a Ctrl-C in the terminal must not reach it before we said goodbye.
 *
 * @param installation the folder that holds `bin/`; that of {@link binaries} when absent
 */
export async function spawnProgram(options: {
  program: 'postgres' | 'initdb';
  args: string[];
  installation?: string | undefined;
  processes?: string | undefined;
  input?: string | undefined;
  onLine?: (line: string) => void;
}): Promise<Program> {
  const user = runUser();
  const file = join(options.installation ?? (await binaries(user)), 'bin', options.program);
  const child = spawn(file, options.args, {
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    detached: true,
  });
  const pid = child.pid;
  if (pid === undefined) throw await notStarted(child, file);
  let crossOut: (() => Promise<void>) | null = null;
  try {
    if (options.processes !== undefined) crossOut = writeDown(options.processes, pid);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const said: string[] = [];
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  const gone = exited.finally(() => crossOut?.());
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      said.push(line);
      if (said.length > 100) said.shift();
      options.onLine?.(line);
    });
  }
  // A program that dies before it has read its input says why by its exit code; the broken pipe says nothing new.
  child.stdin?.on('error', () => child.stdin?.destroy());
  child.stdin?.end(options.input);
  return { child, pid, said, exited: gone };
}

function notStarted(child: ChildProcess, file: string): Promise<EmbeddedPostgresError> {
  return new Promise((resolve) => {
    child.once('error', (cause) =>
      resolve(
        new EmbeddedPostgresError(`${file} cannot be run: ${cause.message}`, {
          remedy: 'Make it executable for the user that PostgreSQL runs as, on a file system that allows programs.',
          cause,
        }),
      ),
    );
  });
}
