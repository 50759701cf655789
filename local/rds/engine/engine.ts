import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod, chown, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runUser } from '../../../embedded/run-user.ts';
import { type Server, startServer, writeAccessRules } from '../../../embedded/server.ts';
import type { Tls } from '../../certificates.ts';
import { RDSADMIN } from '../secret.ts';
import { ARCHIVE_COMMAND } from './archive.ts';
import { RECOVERY_SYNC } from './durability.ts';
import { forcesTls } from './parameters.ts';

export type EngineOptions = {
  /** The folders of one instance, side by side. */
  folders: { data: string; wal: string; tls: string; log: string };
  processes: string;
  installation: string;
  tls: Tls;
  /** Whether WAL is kept: point-in-time recovery is on. */
  archives: boolean;
  /** What the instance's parameter group sets. */
  parameters: Record<string, string>;
  /** Settings of a recovery, for its one start. */
  recovery?: Record<string, string>;
  signal: AbortSignal;
};

/** Starts the server of an instance, listening on a port that nobody is told: customers come through its address. */
export async function startEngine(options: EngineOptions): Promise<Server> {
  const { folders, parameters } = options;
  await ownFolder(folders.wal);
  await lendCertificate(options.tls, folders.tls);
  await writeAccessRules(folders.data, accessRules(forcesTls(parameters)));
  const log = createWriteStream(folders.log, { flags: 'a', mode: 0o600 });
  await once(log, 'open');
  try {
    const server = await startServer({
      folder: folders.data,
      processes: options.processes,
      installation: options.installation,
      settings: { ...settings(options), ...options.recovery },
      onLog: (line) => log.write(`${line}\n`),
      signal: options.signal,
    });
    void server.exited.then(() => log.end());
    return server;
  } catch (error) {
    log.end();
    throw error;
  }
}

function settings({ archives, parameters }: EngineOptions): Record<string, string> {
  const group = Object.entries(parameters).filter(([name]) => !name.startsWith('rds.'));
  return {
    shared_preload_libraries: 'pg_stat_statements',
    log_line_prefix: '%t:%r:%u@%d:[%p]:',
    // A laptop's disk for several instances, not a server's for one.
    max_wal_size: '256MB',
    min_wal_size: '32MB',
    ...Object.fromEntries(group),
    'rds.force_ssl': forcesTls(parameters) ? 'on' : 'off',
    ...RECOVERY_SYNC,
    fsync: 'on',
    full_page_writes: 'on',
    wal_level: 'replica',
    archive_mode: 'on',
    archive_command: archives ? ARCHIVE_COMMAND : 'true',
    password_encryption: 'scram-sha-256',
    ssl: 'on',
    ssl_cert_file: '../tls/server.crt',
    ssl_key_file: '../tls/server.key',
  };
}

/** The platform's user comes in with TLS only, and its database is closed to everybody else. */
function accessRules(forced: boolean): string[] {
  return [
    `hostssl all ${RDSADMIN} 127.0.0.0/8 scram-sha-256`,
    `host all ${RDSADMIN} 127.0.0.0/8 reject`,
    `host ${RDSADMIN} all 127.0.0.0/8 reject`,
    `${forced ? 'hostssl' : 'host'} all all 127.0.0.0/8 scram-sha-256`,
  ];
}

/** A key that others than its owner can read, or that belongs to somebody else, PostgreSQL refuses. */
async function lendCertificate(tls: Tls, folder: string): Promise<void> {
  await ownFolder(folder);
  for (const [from, name] of [
    [tls.certFile, 'server.crt'],
    [tls.keyFile, 'server.key'],
  ] as const) {
    const file = join(folder, name);
    await copyFile(from, file);
    await chmod(file, 0o600);
    await own(file);
  }
}

async function ownFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await own(folder);
}

async function own(path: string): Promise<void> {
  const user = runUser();
  if (user) await chown(path, user.uid, user.gid);
}
