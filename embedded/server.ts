import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { binaries } from './binaries.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { writeDown } from './processes.ts';
import { runUser } from './run-user.ts';

export type Server = {
  port: number;
  pid: number;
  /** Settles when the process is gone, however that came. */
  exited: Promise<void>;
  /** `fast` ends sessions and writes a checkpoint; `immediate` is a crash. */
  stop(mode?: 'fast' | 'immediate'): Promise<void>;
};

/**
 * A new cluster in `folder`: UTF-8, C locale, checksums, `superuser` by trust until the caller writes its own
 * `pg_hba.conf`. Takes about a second. Not synced to disk: a crash of the machine in its first second loses it.
 */
export async function createCluster(
  folder: string,
  options: { superuser: string; walSegmentMiB?: number },
): Promise<void> {
  const user = runUser();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
  const args = [
    ...['--pgdata', folder, '--username', options.superuser, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C'],
    ...['--data-checksums', '--no-sync', '--no-instructions', `--wal-segsize=${options.walSegmentMiB ?? 1}`],
  ];
  const child = spawn(join(await binaries(user), 'bin', 'initdb'), args, {
    ...identity(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said = linesOf(child);
  const code = await ended(child);
  if (code !== 0) {
    await rm(folder, { recursive: true, force: true });
    throw new EmbeddedPostgresError(`initdb failed in ${folder}:\n${said.join('\n')}`, {
      remedy: 'Choose another folder with --data, on a disk with space that this user may write.',
    });
  }
}

/**
 * Starts `postgres` on `folder` and resolves when it accepts connections, after recovery where that is due.
 *
 * @param processes the folder where it is written down while it runs, see {@link writeDown}
 * @param settings  server settings; every string is passed as it stands
 * @param onLog     each line of the server's log
 */
export async function startServer(options: {
  folder: string;
  processes: string;
  port?: number;
  settings?: Record<string, string>;
  onLog?: (line: string) => void;
}): Promise<Server> {
  const user = runUser();
  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    ...options.settings,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(join(await binaries(user), 'bin', 'postgres'), ['-D', options.folder, '-p', `${port}`, ...args], {
    ...identity(),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A signal to our process group (Ctrl-C) must not stop the server before we have said goodbye to it.
    detached: true,
  });
  const exited = ended(child).then(() => undefined);
  const said = linesOf(child, options.onLog);
  await new Promise<void>((resolve, reject) => {
    const failed = (cause?: unknown) =>
      reject(
        new EmbeddedPostgresError(`postgres did not start in ${options.folder}:\n${said.slice(-20).join('\n')}`, {
          remedy: 'Read its last lines above.',
          cause,
        }),
      );
    const ready = (line: string) => line.includes('database system is ready to accept connections') && resolve();
    said.watch = ready;
    for (const line of said) ready(line);
    exited.then(() => failed(), failed);
  });
  said.watch = () => undefined;
  const pid = child.pid ?? 0;
  const crossOut = await writeDown(options.processes, pid);
  const gone = exited.then(crossOut);
  return {
    port,
    pid,
    exited: gone,
    async stop(mode = 'fast') {
      child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await gone;
    },
  };
}

/** Replaces the access rules of the cluster; a running server takes them up at `pg_reload_conf()`. */
export async function writeAccessRules(folder: string, lines: string[]): Promise<void> {
  await writeFile(join(folder, 'pg_hba.conf'), `${lines.join('\n')}\n`);
}

/** A port of the loopback interface that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

function identity(): { uid?: number; gid?: number; cwd: string; env: Record<string, string> } {
  const user = runUser();
  const env = { LC_ALL: 'C', TZ: 'UTC', PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  return { ...(user ? { uid: user.uid, gid: user.gid } : {}), cwd: '/', env };
}

type Lines = string[] & { watch: (line: string) => void };

/** Keeps the last lines of what the process says, for the error that may need them. */
function linesOf(child: ChildProcess, onLog?: (line: string) => void): Lines {
  const lines: Lines = Object.assign([], { watch: () => undefined });
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (lines.length > 100) lines.shift();
      lines.watch(line);
      onLog?.(line);
    });
  }
  return lines;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
}
