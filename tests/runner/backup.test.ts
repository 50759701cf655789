import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListMultipartUploadsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { BackupDamagedError } from '../../lib/backups/errors.ts';
import { backupKeys } from '../../lib/backups/keys.ts';
import { findManifest } from '../../lib/backups/manifest.ts';
import { type BackupVerdict, backupVerdict, judgeBackup } from '../../lib/backups/verdict.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { parseBackupEnvironment } from '../../runner/backup-environment.ts';
import { makeTrusted } from '../support/backups.ts';
import { DUMP, withFakeTools } from '../support/fake-pg-tools.ts';
import { withPgTools } from '../support/pg-tools.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';
import { openRunnerBench, type RunnerBench } from '../support/runner.ts';
import { until } from '../support/until.ts';

let postgres: TestPostgres;
let runner: RunnerBench;
let s3: S3Client;
let memory: string;
beforeAll(async () => {
  [postgres, runner] = await Promise.all([startPostgres(), openRunnerBench()]);
  memory = await mkdtemp(join(tmpdir(), 'carthub-db-memory-'));
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  s3 = new S3Client({ endpoint: runner.store.endpoint, region: 'eu-west-1', credentials });
  await makeTrusted(s3, runner.store.bucket);
});
afterAll(async () => {
  s3.destroy();
  await runner.stop();
  await postgres.stop();
  await rm(memory, { recursive: true });
});

let number = 0;

/** Starts a command as the Job's container does. */
async function start(command: string, database: Credentials, env: Record<string, string>) {
  number += 1;
  const VERDICT_PATH = join(memory, `verdict-${number}`);
  const given = { MEMORY_DIR: memory, PATH: process.env.PATH ?? '', VERDICT_PATH, ...env };
  const started = await runner.start({ database, files: {}, run: `run-${number}`, args: [command], env: given });
  const ended = started.ended.then(async (end) => {
    const text = await readFile(VERDICT_PATH, 'utf8');
    await rm(VERDICT_PATH);
    return { ...end, verdict: backupVerdict.parse(JSON.parse(text)) };
  });
  return { ...started, ended };
}

async function run(command: string, database: Credentials, env: Record<string, string>) {
  return (await start(command, database, env)).ended;
}

const manifestOf = async (id: string) => (await findManifest({ s3, bucket: runner.store.bucket }, id))?.value ?? null;
const uploads = async () =>
  (await s3.send(new ListMultipartUploadsCommand({ Bucket: runner.store.bucket }))).Uploads ?? [];

withPgTools('the bundle backs up, verifies and restores', () => {
  test('backup, verify and restore-dump end well, and each says what it did', async () => {
    const [database, target] = [await postgres.freshDatabase(), await postgres.freshDatabase()];
    await withDatabase(database, (client) =>
      client.query(
        'create table carts (id int primary key, v text); insert into carts select n, md5(n::text) from generate_series(1, 500) n',
      ),
    );
    const done = { tables: 1, rows: 500, adopted: false };
    const made = await run('backup', database, { BACKUP_ID: 'night-1' });
    expect([made.exit, made.verdict]).toEqual([
      0,
      expect.objectContaining({ command: 'backup', result: 'done', done: expect.objectContaining(done) }),
    ]);
    expect(made.log.map(({ event }) => event)).toEqual(['snapshot', 'counted', 'backup-made', 'ended']);
    const verified = await run('verify', database, { BACKUP_ID: 'night-1' });
    expect([verified.exit, verified.verdict.done]).toEqual([0, expect.objectContaining(done)]);
    const restored = await run('restore-dump', target, { BACKUP_ID: 'night-1' });
    expect([restored.exit, restored.verdict.done]).toEqual([0, expect.objectContaining(done)]);
    const again = await run('restore-dump', target, { BACKUP_ID: 'night-1' });
    expect(again.verdict.error).toMatchObject({
      name: 'RestoreTargetError',
      message: expect.stringContaining('it has the table public.carts'),
    });
  });

  test('a backup that was damaged since is found, and counts as verified no more', async () => {
    const database = await postgres.freshDatabase();
    await run('backup', database, { BACKUP_ID: 'night-2' });
    expect((await run('verify', database, { BACKUP_ID: 'night-2' })).exit).toBe(0);
    const key = (await manifestOf('night-2'))?.dump[0]?.key ?? '';
    await s3.send(new PutObjectCommand({ Bucket: runner.store.bucket, Key: key, Body: 'PGDMP' }));
    const found = await run('verify', database, { BACKUP_ID: 'night-2' });
    expect([found.exit, found.verdict.error?.name]).toEqual([1, 'BackupDamagedError']);
    expect(await runner.document(backupKeys.verified('night-2'))).toMatchObject({ result: 'damaged' });
  });
});

test('the password is in no argument and no environment, and its file is only ours and gone afterwards', async () => {
  const database = { ...(await postgres.freshDatabase()), password: 'ge:h\\eim' };
  const said = join(memory, 'said');
  const look = `{ env; echo "$@"; stat -c %a "$PGPASSFILE"; cat "$PGPASSFILE"; } > ${said}; ${DUMP}`;
  await withFakeTools({ pg_dump: look }, async (PG_BIN) => {
    const encoded = {
      DATABASE_URL: `postgresql://postgres:${encodeURIComponent(database.password)}@127.0.0.1:${database.port}/${database.dbname}`,
    };
    const { exit, output } = await run('backup', database, { BACKUP_ID: 'secret', PG_BIN, ...encoded });
    expect(exit).toBe(0);
    const [before = '', after = ''] = (await readFile(said, 'utf8')).split('\n600\n');
    expect(before).not.toContain('ge:h');
    expect(before).toMatch(
      /--format=custom --compress=\d --snapshot=\S+ --lock-wait-timeout=30000 --no-password --verbose/,
    );
    expect(after).toBe(`127.0.0.1:${database.port}:*:postgres:ge\\:h\\\\eim\n`);
    expect(output).not.toContain('ge:h');
  });
  await rm(said);
  expect(await readdir(memory)).toEqual([]);
});

test('a long dump takes no more memory than a short one', async () => {
  const database = await postgres.freshDatabase();
  const peak = async (id: string, megabytes: number) => {
    const pg_dump = `printf PGDMP; head -c ${megabytes * 1024 * 1024 - 5} /dev/zero`;
    const { log, exit, output } = await withFakeTools({ pg_dump }, (PG_BIN) =>
      run('backup', database, { BACKUP_ID: id, PG_BIN }),
    );
    expect({ exit, output }).toEqual({ exit: 0, output });
    expect((await manifestOf(id))?.dump).toEqual([
      expect.objectContaining({ parts: megabytes / 16, size: megabytes * 1024 * 1024 }),
    ]);
    return Number(log.find(({ event }) => event === 'ended')?.peakMiB);
  };
  const [short, long] = [await peak('short', 64), await peak('long', 320)];
  expect(long).toBeLessThan(170);
  expect(long - short).toBeLessThan(30);
});

test('SIGTERM ends the dump, aborts the upload, and is told', async () => {
  const database = await postgres.freshDatabase();
  const pg_dump = `printf PGDMP; head -c 40000000 /dev/zero; exec sleep 60`;
  await withFakeTools({ pg_dump }, async (PG_BIN) => {
    const { child, ended } = await start('backup', database, { BACKUP_ID: 'stopped', PG_BIN });
    await until('an upload', async () => (await uploads()).some(({ Key }) => Key?.includes('dump-0001')));
    child.kill('SIGTERM');
    const { exit, verdict } = await ended;
    expect([exit, verdict.error?.name, verdict.result]).toEqual([1, 'StoppedError', 'failed']);
  });
  expect([await uploads(), await manifestOf('stopped')]).toEqual([[], null]);
});

test('what is missing in the environment is named, and nothing of its values', () => {
  const given = {
    RUN_ID: 'r',
    BACKUP_ID: '../x',
    BUCKET: 'b',
    DEADLINE_SECONDS: '5',
    VERDICT_PATH: '/x',
    BACKUP_ALLOWED: 'all',
    DATABASE_URL: 'secret',
  };
  const parse = (env: Record<string, string>, command: 'backup' | 'verify') => () =>
    parseBackupEnvironment(env, command);
  expect(parse(given, 'backup')).toThrow(
    /^Missing or wrong in the environment: BACKUP_ID, DATABASE, BACKUP_ALLOWED.*\.$/,
  );
  const right = {
    ...given,
    BACKUP_ID: 'x',
    DATABASE: 'carthub',
    BACKUP_ALLOWED: 'unversioned-bucket',
    DB_SECRET_ARN: 'arn',
  };
  expect(parse(right, 'backup')).toThrow('exactly one of DATABASE_URL and DB_SECRET_ARN');
  expect(parse(right, 'verify')()).toMatchObject({ backup: 'x', allowed: ['unversioned-bucket'], folder: '/tmp' });
});

test('a verdict fits into the termination message, whatever the error says', () => {
  const about: Pick<BackupVerdict, 'run' | 'command' | 'backup' | 'done'> = {
    run: 'r'.repeat(80),
    command: 'verify',
    backup: 'b'.repeat(80),
    done: null,
  };
  const text = judgeBackup(about, new BackupDamagedError('ä"\n'.repeat(5_000), { remedy: 'ö'.repeat(5_000) }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(4096);
  expect(backupVerdict.parse(JSON.parse(text)).error?.name).toBe('BackupDamagedError');
});
