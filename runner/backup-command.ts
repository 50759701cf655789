import { writeFile } from 'node:fs/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { patience, patienceForTransfers } from '../lib/aws/patience.ts';
import { backUp } from '../lib/backups/back-up.ts';
import type { BackupCommand } from '../lib/backups/commands.ts';
import { pgRestoreDecoder } from '../lib/backups/decode.ts';
import { dataOf, type Manifest } from '../lib/backups/manifest.ts';
import { restoreDump } from '../lib/backups/restore-dump.ts';
import { createS3Store } from '../lib/backups/s3-store.ts';
import { findTools } from '../lib/backups/tools.ts';
import { type BackupVerdict, judgeBackup } from '../lib/backups/verdict.ts';
import { verify } from '../lib/backups/verify.ts';
import { toFault } from '../lib/errors.ts';
import { jobName } from '../lib/runs/keys.ts';
import { type BackupEnvironment, parseBackupEnvironment } from './backup-environment.ts';
import { readAccess } from './credentials.ts';
import { RunnerInputError } from './errors.ts';
import { jsonLog, type Log } from './log.ts';
import { peakMebibytes } from './peak-memory.ts';
import { listenForStop } from './stop.ts';

const EXIT_FAILED = 1;
const EXIT_INPUT = 2;
const CONNECT_MS = 10_000;

type Done = BackupVerdict['done'];

/** The program of a backup's Job: `runner.cjs backup`, `verify` or `restore-dump`. */
export async function backupCommand(command: BackupCommand): Promise<number> {
  const { RUN_ID = '', BACKUP_ID = '', VERDICT_PATH } = process.env;
  const now = () => new Date();
  const log = jsonLog((line) => process.stdout.write(line), now, { run: RUN_ID, backup: BACKUP_ID });
  let done: Done = null;
  let failure: unknown = null;
  try {
    done = await attempt(command, parseBackupEnvironment(process.env, command), log, now);
  } catch (error) {
    failure = error;
    const { name } = toFault(error);
    log('error', 'failed', { error: name, inputs: error instanceof RunnerInputError ? error.inputs.join(', ') : null });
  }
  if (VERDICT_PATH) {
    await writeFile(VERDICT_PATH, judgeBackup({ run: RUN_ID, command, backup: BACKUP_ID, done }, failure));
  }
  const { user, system } = process.cpuUsage();
  const used = { peakMiB: peakMebibytes(), cpuMs: Math.round((user + system) / 1000) };
  log('info', 'ended', { result: failure === null ? 'done' : 'failed', ...used });
  if (failure === null) return 0;
  return failure instanceof RunnerInputError ? EXIT_INPUT : EXIT_FAILED;
}

/** A command that hangs after its stop is left behind. */
async function attempt(
  command: BackupCommand,
  environment: BackupEnvironment,
  log: Log,
  now: () => Date,
): Promise<Done> {
  const stop = listenForStop(environment.deadlineSeconds);
  try {
    return await Promise.race([COMMANDS[command]({ environment, stop: stop.signal, log, now }), stop.overdue]);
  } finally {
    stop.dispose();
  }
}

type Context = { environment: BackupEnvironment; stop: AbortSignal; log: Log; now: () => Date };

const COMMANDS: Record<BackupCommand, (context: Context) => Promise<Done>> = {
  async backup(context) {
    const { environment } = context;
    const { backup: id, run, database: name, tools, folder, encryptionKey, allowed } = environment;
    const database = await access(environment, 'backup');
    const lockWaitMs = environment.lockWaitSeconds * 1000;
    const given = { id, run, name, tools, folder, encryptionKey, allowed, lockWaitMs, database };
    const { manifest, adopted } = await backUp({ ...context, ...given, documents: documentsOf(environment) });
    return { ...sizeOf(manifest), durationMs: manifest.durationMs, adopted };
  },

  async verify(context) {
    const { environment, stop, log } = context;
    const documents = documentsOf(environment);
    const decoderOf = async ({ major }: Manifest) =>
      pgRestoreDecoder(await findTools(environment.tools, major), { LC_ALL: 'C', PATH: '/usr/bin:/bin' }, stop);
    const found = await verify({ ...context, documents, store: storeOf(context), id: environment.backup, decoderOf });
    const { bytes, tables, rows, durationMs } = found;
    log('info', 'verified', { bytes, tables, rows, durationMs });
    return { bytes, tables, rows, durationMs, adopted: false };
  },

  async 'restore-dump'(context) {
    const { environment } = context;
    const { backup: id, tools, folder } = environment;
    const documents = documentsOf(environment);
    const target = await access(environment, 'restore-dump');
    const restored = await restoreDump({
      ...context,
      ...{ documents, id, target, tools, folder },
      store: storeOf(context),
    });
    return { ...sizeOf(restored.manifest), durationMs: restored.restoreMs, adopted: false };
  },
};

function documentsOf({ bucket }: BackupEnvironment) {
  return { s3: new S3Client(patienceForTransfers), bucket };
}

function storeOf({ environment, stop }: Context) {
  return createS3Store({ documents: documentsOf(environment), encryptionKey: null, metadata: {}, stop });
}

async function access(environment: BackupEnvironment, command: BackupCommand) {
  const reached = await readAccess(environment, new SecretsManagerClient(patience));
  return {
    ...reached,
    applicationName: jobName(environment.database, environment.run, command),
    connectTimeoutMs: CONNECT_MS,
  };
}

function sizeOf(manifest: Manifest): { bytes: number; tables: number; rows: number } {
  return {
    bytes: dataOf(manifest).reduce((sum, { size }) => sum + size, 0),
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
  };
}
