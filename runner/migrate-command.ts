import { realpathSync } from 'node:fs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { patience } from '../lib/aws/patience.ts';
import { DocumentInvalidError, type Documents } from '../lib/documents/documents.ts';
import { toFault } from '../lib/errors.ts';
import { DatabaseSecretError, DatabaseUrlError } from '../lib/postgres/connect.ts';
import { SqlError } from '../lib/postgres/sql-error.ts';
import { jobName, keys } from '../lib/runs/keys.ts';
import type { Verdict } from '../lib/runs/verdict.ts';
import { readAccess } from './credentials.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { ReleaseInvalidError, ReleaseMismatchError, RunnerInputError } from './errors.ts';
import { jsonLog, type Log } from './log.ts';
import { migrate, noProgress, type Progress } from './migrate.ts';
import { peakMebibytes } from './peak-memory.ts';
import { compareWithImage, loadRelease } from './release.ts';
import { listenForStop } from './stop.ts';
import { judge, writeVerdict } from './verdict.ts';

const EXIT = { applied: 0, failed: 1, fenced: 3 } as const;
const EXIT_INPUT = 2;
const INPUT_ERRORS = [
  DocumentInvalidError,
  RunnerInputError,
  DatabaseSecretError,
  DatabaseUrlError,
  ReleaseInvalidError,
  ReleaseMismatchError,
];

const CONNECT_MS = 10_000;

/** The migration Job's program: `runner.cjs migrate`. Its exit code is for people; the verdict says more. */
export async function migrateCommand(): Promise<number> {
  const now = () => new Date();
  const log = jsonLog((line) => process.stdout.write(line), now, { run: process.env.RUN_ID ?? null });
  const progress = noProgress();
  let environment: Environment;
  try {
    environment = parseArguments();
  } catch (error) {
    report(log, error);
    const path = process.env.VERDICT_PATH;
    if (path) await writeVerdict(path, judge(process.env.RUN_ID ?? '', progress, error));
    return EXIT_INPUT;
  }
  const documents = { s3: new S3Client(patience), bucket: environment.bucket };
  const error = await attempt(environment, documents, log, progress);
  if (error !== null) report(log, error);
  const verdict = judge(environment.run, progress, error);
  await writeVerdict(environment.verdictPath, verdict);
  if (progress.heldLock) await putReport(documents, verdict, log);
  log('info', 'ended', {
    result: verdict.result,
    before: verdict.version.before,
    after: verdict.version.after,
    peakMiB: peakMebibytes(),
  });
  return INPUT_ERRORS.some((kind) => error instanceof kind) ? EXIT_INPUT : EXIT[verdict.result];
}

function parseArguments(): Environment {
  if (process.argv[2] !== 'migrate' || process.argv.length > 3) {
    throw new RunnerInputError('The runner knows these commands: migrate, backup, verify, restore-dump.', {
      remedy: 'Run one of them, without further arguments: runner.cjs migrate',
      inputs: ['arguments'],
    });
  }
  return parseEnvironment(process.env, realpathSync(process.argv[1] ?? ''));
}

/** The error of the run, null when there was none. A run that hangs after its stop is left behind. */
async function attempt(environment: Environment, documents: Documents, log: Log, progress: Progress): Promise<unknown> {
  const stop = listenForStop(environment.deadlineSeconds);
  try {
    await Promise.race([runMigrate(environment, documents, stop.signal, log, progress), stop.overdue]);
    return null;
  } catch (error) {
    return error;
  } finally {
    stop.dispose();
  }
}

async function runMigrate(
  environment: Environment,
  documents: Documents,
  stop: AbortSignal,
  log: Log,
  progress: Progress,
): Promise<void> {
  const release = await loadRelease(documents, environment.release);
  await compareWithImage(release, environment.migrations);
  const access = await readAccess(environment, new SecretsManagerClient(patience));
  const database = {
    ...access,
    applicationName: jobName(environment.database, environment.run),
    connectTimeoutMs: CONNECT_MS,
  };
  const author = { run: environment.run, token: environment.token };
  const context = { author, database, stop, log, lockWaitMs: environment.lockWaitSeconds * 1000 };
  await migrate(context, documents, release, progress);
}

/** The whole verdict, which the termination message may have no room for. It is only a copy: that it fails changes nothing. */
async function putReport({ s3, bucket }: Documents, verdict: Verdict, log: Log): Promise<void> {
  try {
    const Body = `${JSON.stringify(verdict, null, 2)}\n`;
    await s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: keys.report(verdict.run), Body, ContentType: 'application/json' }),
    );
  } catch (error) {
    log('warning', 'report-not-kept', { error: error instanceof Error ? error.name : 'Error' });
  }
}

/** Name and place only: a message of the server may quote rows, and logs are read by more people than verdicts. */
function report(log: Log, error: unknown): void {
  const { name, place } = toFault(error);
  const sqlState = error instanceof SqlError ? error.sqlState : null;
  log('error', 'failed', {
    error: name,
    sqlState,
    inputs: error instanceof RunnerInputError ? error.inputs.join(', ') : null,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
  });
}
