import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';
import { runUser } from './run-user.ts';
import { type Program, spawnProgram } from './spawn.ts';

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
 * `pg_hba.conf`. Takes about half a second. Not synced to disk: a crash of the machine soon after loses it.
 *
 * @param processes the folder where the process is written down while it runs
 */
export async function createCluster(
  folder: string,
  options: { superuser: string; walSegmentMiB?: number; processes?: string },
): Promise<void> {
  const user = runUser();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
  const { said, exited } = await spawnProgram({
    program: 'initdb',
    args: [
      ...['--pgdata', folder, '--username', options.superuser, '--auth', 'trust', '--encoding', 'UTF8'],
      ...['--locale', 'C', '--data-checksums', '--no-sync', '--no-instructions'],
      `--wal-segsize=${options.walSegmentMiB ?? 1}`,
    ],
    processes: options.processes,
  });
  if ((await exited) === 0) return;
  await rm(folder, { recursive: true, force: true });
  const nameless = said.some((line) => line.includes('could not look up effective user ID'));
  throw new EmbeddedPostgresError(`initdb failed in ${folder}:\n${said.join('\n')}`, {
    remedy: nameless
      ? 'Run the command as a user that has a name in /etc/passwd.'
      : 'Choose another folder with --data, on a disk with space that this user may write.',
  });
}

type StartOptions = {
  folder: string;
  /** The folder where the process is written down while it runs, see `writeDown`. */
  processes: string;
  /** A free one when absent. */
  port?: number;
  /** Server settings; every string is passed as it stands. */
  settings?: Record<string, string>;
  /** The folder that holds `bin/postgres`, when it is not the package's. */
  installation?: string;
  /** Each line of the server's log. */
  onLog?: (line: string) => void;
  /** Gives up waiting for the server, which recovery can keep for long, and ends it. */
  signal?: AbortSignal;
};

/** Starts `postgres` on `folder` and resolves when it accepts connections, after recovery where that is due. */
export async function startServer(options: StartOptions): Promise<Server> {
  options.signal?.throwIfAborted();
  if (options.port !== undefined) return startOn(options.port, options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Between finding the port free and listening on it, another program may have taken it.
      const taken = error instanceof EmbeddedPostgresError && error.message.includes('Address already in use');
      if (!taken || attempt === 5) throw error;
    }
  }
}

async function startOn(port: number, options: StartOptions): Promise<Server> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    ...options.settings,
  };
  const ready = Promise.withResolvers<void>();
  const program = await spawnProgram({
    program: 'postgres',
    args: [
      ...['-D', options.folder, '-p', `${port}`],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    installation: options.installation,
    processes: options.processes,
    onLine(line) {
      if (line.includes('database system is ready to accept connections')) ready.resolve();
      options.onLog?.(line);
    },
  });
  const giveUp = () => program.child.kill('SIGQUIT');
  options.signal?.addEventListener('abort', giveUp);
  try {
    await Promise.race([
      ready.promise,
      program.exited.then(() => Promise.reject(didNotStart(program, options.folder))),
    ]);
    options.signal?.throwIfAborted();
  } catch (error) {
    if (options.signal?.aborted) {
      await program.exited;
      throw options.signal.reason;
    }
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
  const exited = program.exited.then(() => undefined);
  return {
    port,
    pid: program.pid,
    exited,
    async stop(mode = 'fast') {
      program.child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
      await exited;
    },
  };
}

function didNotStart({ said }: Program, folder: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`postgres did not start in ${folder}:\n${said.slice(-20).join('\n')}`, {
    remedy: 'Read its last lines above.',
  });
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
