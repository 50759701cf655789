import { readdir } from 'node:fs/promises';
import { ListMultipartUploadsCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type BackupOptions, backUp } from '../../../lib/backups/back-up.ts';
import { readCatalogue } from '../../../lib/backups/catalogue.ts';
import { checkClocks } from '../../../lib/backups/check-clocks.ts';
import { backupKeys } from '../../../lib/backups/keys.ts';
import { fault } from '../../../local/faults/fault.ts';
import { type BackupBench, openBackupBench } from '../../support/backups.ts';
import { GLOBALS, withFakeTools } from '../../support/fake-pg-tools.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../../support/postgres.ts';

let bench: BackupBench;
let postgres: TestPostgres;
beforeAll(async () => {
  [bench, postgres] = await Promise.all([openBackupBench(), startPostgres()]);
});
afterEach(() => bench.faults.clear());
afterAll(async () => {
  await bench.close();
  await postgres.stop();
});

type Scripts = Parameters<typeof withFakeTools>[0];

async function attempt(scripts: Scripts, more: Partial<BackupOptions> = {}, sql = 'create table t (id int)') {
  const database = await postgres.freshDatabase();
  await withDatabase(database, (client) => client.query(sql));
  return withFakeTools(scripts, (pgBin) => backUp(bench.options(database, { tools: { pgBin, path: '' }, ...more })));
}

/** No backup, no upload left open, no password left, and no session that holds anything. */
async function expectNothing(): Promise<void> {
  const { s3, bucket } = bench.documents;
  expect((await readCatalogue(bench.documents)).backups).toEqual([]);
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads).toBeUndefined();
  expect(await readdir(bench.folder)).toEqual([]);
}

const SLOW = `printf PGDMP; head -c 40000000 /dev/zero; exec sleep 30`;

test.each<[string, Scripts, RegExp]>([
  [
    'exits with a code after all of its output',
    { pg_dump: `printf PGDMP; echo 'pg_dump: error: it broke' >&2; exit 1` },
    /exit code 1: pg_dump: error: it broke/,
  ],
  ['is killed in the middle', { pg_dump: `printf PGDMP; kill -9 $$` }, /ended by SIGKILL/],
  ['ends well without a byte', { pg_dump: 'exit 0' }, /without a byte|does not begin with "PGDMP"/],
  ["ends well with another program's words", { pg_dump: 'echo usage: something else' }, /does not begin with "PGDMP"/],
  ['ends well after three bytes', { pg_dump: 'printf PGD' }, /does not begin with "PGDMP"/],
  [
    'warns of a hole',
    { pg_dump: `printf PGDMP; echo 'pg_dump: warning: could not find a table' >&2` },
    /ended well, but warned/,
  ],
  [
    'may not read a table',
    { pg_dump: `echo 'pg_dump: error: query failed: ERROR:  permission denied for table x' >&2; exit 1` },
    /permission denied/,
  ],
  [
    'breaks off the roles',
    { pg_dumpall: `printf 'CREATE ROLE x;'` },
    /does not end with "PostgreSQL database cluster dump complete"/,
  ],
  ['fails at the roles', { pg_dumpall: `${GLOBALS}; exit 3` }, /exit code 3/],
])('a program that %s fails the run, and makes no backup', async (_, scripts, message) => {
  await expect(attempt(scripts)).rejects.toMatchObject({
    name: 'DumpFailedError',
    message: expect.stringMatching(message),
  });
  await expectNothing();
});

test.each<[string, string, number, string, string]>([
  ['CreateMultipartUpload', 'AccessDenied', 403, 'fail-before', 'BackupPermissionError'],
  ['CreateMultipartUpload', 'KMS.DisabledException', 400, 'fail-before', 'EncryptionKeyError'],
  ['CreateMultipartUpload', 'RequestTimeTooSkewed', 403, 'fail-before', 'ClockSkewError'],
  ['UploadPart', 'AccessDenied', 403, 'fail-before', 'BackupPermissionError'],
  ['CompleteMultipartUpload', 'InvalidPart', 400, 'fail-before', 'UploadFailedError'],
  ['GetBucketVersioning', 'AccessDenied', 403, 'fail-before', 'BackupPermissionError'],
  ['GetBucketEncryption', 'AccessDenied', 403, 'fail-before', 'BackupPermissionError'],
  ['PutObject', 'AccessDenied', 403, 'fail-before', 'BackupPermissionError'],
])('S3 refuses %s with %s: a named error and no backup', async (operation, code, status, mode, name) => {
  bench.faults.arm(fault.parse({ service: 's3', operation, mode, code, status, times: 100 }));
  const failed = attempt({}).finally(() => bench.faults.clear());
  await expect(failed).rejects.toMatchObject({ name });
  await expectNothing();
});

test('whatever fails once in S3 is tried again, and an answer that was lost is read back', async () => {
  for (const [operation, mode] of [
    ['CreateMultipartUpload', 'fail-before'],
    ...(['fail-before', 'fail-after', 'twice'] as const).map((each) => ['UploadPart', each] as const),
    ...(['fail-before', 'fail-after', 'twice'] as const).map((each) => ['CompleteMultipartUpload', each] as const),
    ['PutObject', 'twice'],
  ] as const) {
    bench.faults.arm(fault.parse({ service: 's3', operation, mode, code: 'SlowDown', status: 503 }));
    const { manifest } = await attempt({}, { id: `again-${operation}-${mode}` });
    expect(manifest.dump).toEqual([expect.objectContaining({ size: 15, parts: 1 })]);
    bench.faults.clear();
  }
  const { backups } = await readCatalogue(bench.documents);
  expect(backups).toHaveLength(8);
  expect(backups.every(({ changed }) => changed.length === 0)).toBe(true);
});

test('a second run of the same id adopts the backup that is there, and asks nobody for pg_dump', async () => {
  const first = await attempt({}, { id: 'night-1', run: 'one' });
  const second = await attempt({ version: '9.6' }, { id: 'night-1', run: 'two' });
  expect([first.adopted, second.adopted, second.manifest.run]).toEqual([false, true, 'one']);
});

test('two runs of one id at once make one backup: the slower is told', async () => {
  const manifest = backupKeys.manifest('night-2');
  const fast = attempt({}, { id: 'night-2', run: 'fast' });
  const slow = attempt({ pg_dump: `sleep 2; printf PGDMP` }, { id: 'night-2', run: 'slow' });
  await expect(slow).rejects.toMatchObject({ name: 'BackupExistsError' });
  expect((await fast).manifest.run).toBe('fast');
  expect((await readCatalogue(bench.documents)).orphans.map(({ run }) => run)).toContain('slow');
  expect(manifest).toBe('backups/night-2/manifest.json');
});

test('a dump may outlast the count by more than a session may idle in a transaction', async () => {
  const { manifest } = await attempt({ pg_dump: `printf PGDMP; sleep 3` }, { id: 'long', idleMs: 1_000 });
  expect(manifest.dump).toEqual([expect.objectContaining({ size: 5 })]);
});

test('a stop ends program, upload and count within seconds', async () => {
  const stop = new AbortController();
  const log: BackupOptions['log'] = (_, event) => {
    if (event === 'snapshot')
      setTimeout(() => stop.abort(Object.assign(new Error('Stop.'), { name: 'StoppedError' })), 500);
  };
  const begun = performance.now();
  await expect(attempt({ pg_dump: SLOW }, { id: 'stopped', stop: stop.signal, log })).rejects.toMatchObject({
    name: 'StoppedError',
  });
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect((await readCatalogue(bench.documents)).backups.map(({ id }) => id)).not.toContain('stopped');
  expect(await readdir(bench.folder)).toEqual([]);
});

test('the count that fails ends the dump', async () => {
  const sql = `create table hidden (id int); create role nobody; create function f() returns int language sql as 'select 1/0';
    create view trap as select 1`;
  const broken = attempt({ pg_dump: SLOW }, { id: 'uncounted', log: breakTable }, sql);
  await expect(broken).rejects.toMatchObject({
    name: 'DumpFailedError',
    message: expect.stringMatching(/connection to the database broke/),
  });
});

/** Ends the session that counts, once its view is exported. */
const breakTable: BackupOptions['log'] = (_, event) => {
  if (event !== 'snapshot') return;
  const credentials = {
    username: 'postgres',
    password: 'x',
    host: '127.0.0.1',
    port: postgres.server.port,
    dbname: 'postgres',
  };
  withDatabase(credentials, (client) =>
    client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'backup-%' and backend_type = 'client backend'`,
    ),
  ).catch(() => undefined);
};

test.each([
  ['too old', '14.11', 'BackupToolVersionError', /The server is PostgreSQL 15, .* has pg_dump \(PostgreSQL\) 14.11/],
  ['too new', '17.2', 'BackupToolVersionError', /The server is PostgreSQL 15, .* has pg_dump \(PostgreSQL\) 17.2/],
])('a pg_dump that is %s is refused with the package to install', async (_, version, name, message) => {
  const remedy = expect.stringContaining('apt-get install postgresql-client-15; Alpine: apk add postgresql15-client');
  await expect(attempt({ version })).rejects.toMatchObject({ name, remedy, message: expect.stringMatching(message) });
  await expect(attempt({}, { tools: { pgBin: '/nowhere', path: '' } })).rejects.toMatchObject({
    name: 'BackupToolMissingError',
    remedy,
  });
});

test('a bucket without versions is refused unless that is allowed by name', async () => {
  const { s3, bucket } = bench.documents;
  const set = (Status: 'Enabled' | 'Suspended') =>
    s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
  await set('Suspended');
  try {
    await expect(attempt({})).rejects.toMatchObject({
      name: 'BackupBucketError',
      remedy: expect.stringContaining('unversioned-bucket'),
    });
    expect((await attempt({}, { id: 'allowed', allowed: ['unversioned-bucket'] })).adopted).toBe(false);
  } finally {
    await set('Enabled');
  }
});

test('a clock that is off against the database and S3 is refused, and which one it is is said', async () => {
  await expect(attempt({}, { now: () => new Date(Date.now() + 3_600_000) })).rejects.toMatchObject({
    name: 'ClockSkewError',
    remedy: expect.stringContaining('our clock'),
  });
  const time = (minute: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + minute * 60_000);
  checkClocks({ a: time(0), b: time(4), c: time(5) });
  expect(() => checkClocks({ a: time(0), b: time(1), c: time(60) })).toThrow(/3600 s apart/);
});

test('an object below the key of another run is never written over', async () => {
  const { s3, bucket } = bench.documents;
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: backupKeys.dump('taken', 'mine', 1), Body: 'of somebody' }),
  );
  await expect(attempt({}, { id: 'taken', run: 'mine' })).rejects.toMatchObject({ name: 'UploadFailedError' });
});
