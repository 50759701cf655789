import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { freePort } from '../../embedded/server.ts';
import type { Release } from '../../lib/migrations/release.ts';
import { releaseOf } from '../support/runner.ts';
import { column, useBench } from './bench.ts';

const bench = useBench();

const FILES = { '001.do.a.sql': 'create table a (id integer)', '002.do.b.sql': 'select 2' };

test.concurrent.each([
  ['no run', { RUN_ID: '' }, 'RUN_ID'],
  ['a token that is no number', { TOKEN: '1e3' }, 'TOKEN'],
  ['a release that no content can have', { RELEASE: 'releases/latest.json' }, 'RELEASE'],
  ['several things', { TOKEN: '', BUCKET: '', DEADLINE_SECONDS: '0' }, 'TOKEN, BUCKET, DEADLINE_SECONDS'],
])('%s is wrong input, told by name and without values', async (_, env, names) => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: FILES, env: { ...env } });
  expect(ended).toMatchObject({
    exit: 2,
    verdict: {
      result: 'failed',
      error: { name: 'RunnerInputError', message: `Missing or wrong in the environment: ${names}.` },
    },
    log: [{ event: 'failed', error: 'RunnerInputError', inputs: names }],
  });
  expect(await column(database, `select to_regnamespace('carthub_db')`)).toEqual([null]);
});

test.concurrent('another command than migrate is wrong input', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: FILES, args: ['migrat'] });
  expect(ended).toMatchObject({ exit: 2, verdict: { error: { name: 'RunnerInputError' } } });
});

test.concurrent('an address and a secret at once are wrong input', async () => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: FILES, env: { DB_SECRET_ARN: 'arn:aws:x' } });
  expect(ended).toMatchObject({ exit: 2, verdict: { error: { name: 'RunnerInputError' } } });
});

test.concurrent('a host that is not this machine is refused in an address, unless it is allowed by name', async () => {
  const database = await bench.freshDatabase();
  const env = { DATABASE_URL: 'postgresql://u:secret-word@db.example.invalid:5432/x' };
  const refused = await bench.run({ database, files: FILES, env });
  expect(refused).toMatchObject({ exit: 2, verdict: { error: { name: 'DatabaseUrlError' } } });
  const allowed = await bench.run({
    database,
    files: FILES,
    env: { ...env, DATABASE_ALLOWED_HOSTS: 'a, db.example.invalid' },
  });
  expect(allowed).toMatchObject({ exit: 1, verdict: { error: { name: 'DatabaseUnreachableError' } } });
  expect(refused.output + allowed.output + JSON.stringify([refused.verdict, allowed.verdict])).not.toContain(
    'secret-word',
  );
});

test.concurrent.each([
  ['no JSON', 'not json: secret-word', "The database's secret is not JSON."],
  [
    'a key that is missing',
    '{"username":"u","password":"secret-word","port":5432,"dbname":"d"}',
    'missing or wrong in: host.',
  ],
])('a secret with %s is wrong input, and its content is not told', async (_, value, message) => {
  const database = await bench.freshDatabase();
  const arn = await bench.store.secret(value);
  const ended = await bench.run({ database, files: FILES, env: { DB_SECRET_ARN: arn, DATABASE_URL: undefined } });
  expect(ended).toMatchObject({
    exit: 2,
    verdict: { error: { name: 'DatabaseSecretError', message: expect.stringContaining(message) } },
  });
  expect(ended.output + JSON.stringify(ended.verdict)).not.toContain('secret-word');
});

test.concurrent('a secret that is not there is a named failure with a remedy', async () => {
  const database = await bench.freshDatabase();
  const env = { DB_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:none', DATABASE_URL: undefined };
  const ended = await bench.run({ database, files: FILES, env });
  expect(ended).toMatchObject({
    exit: 1,
    verdict: {
      error: {
        name: 'SecretUnreadableError',
        message: expect.stringContaining('ResourceNotFoundException'),
        remedy: expect.stringContaining('GetSecretValue'),
      },
    },
  });
});

test.concurrent('a database that cannot be reached is a named failure with a remedy', async () => {
  const database = { ...(await bench.freshDatabase()), port: await freePort() };
  const ended = await bench.run({ database, files: FILES });
  expect(ended).toMatchObject({
    exit: 1,
    verdict: { result: 'failed', version: { before: null, after: null }, error: { name: 'DatabaseUnreachableError' } },
  });
});

test.concurrent.each([
  ['a file that the image lacks', { '001.do.a.sql': FILES['001.do.a.sql'] }, '002.do.b.sql is missing in the image'],
  ['a file that the release lacks', { ...FILES, '003.do.c.sql': 'select 3' }, '003.do.c.sql is in the image only'],
  [
    'a file that differs by a blank',
    { ...FILES, '002.do.b.sql': 'select 2 ' },
    '002.do.b.sql is different in the image',
  ],
])('%s stops the run before it connects', async (_, image, message) => {
  const database = await bench.freshDatabase();
  const ended = await bench.run({ database, files: FILES, image });
  expect(ended).toMatchObject({
    exit: 2,
    verdict: { error: { name: 'ReleaseMismatchError', message: expect.stringContaining(message) } },
  });
  expect(await column(database, `select to_regnamespace('carthub_db')`)).toEqual([null]);
});

test.concurrent('undo files and what is no migration may lie in the image', async () => {
  const database = await bench.freshDatabase();
  const image = { ...FILES, '001.undo.a.sql': 'drop table a', 'README.md': 'x', 'seed.sql': 'x' };
  expect(await bench.run({ database, files: FILES, image })).toMatchObject({ exit: 0 });
});

test.concurrent('a release document whose bytes are not those of its name is refused, and so is one that is not there', async () => {
  const database = await bench.freshDatabase();
  const key = `releases/${'0'.repeat(64)}.json`;
  const missing = await bench.run({ database, files: FILES, env: { RELEASE: key } });
  expect(missing).toMatchObject({ exit: 2, verdict: { error: { name: 'ReleaseInvalidError' } } });
  await bench.store.write(key, JSON.stringify(await releaseOf(FILES)));
  const other = await bench.run({ database, files: FILES, env: { RELEASE: key } });
  expect(other).toMatchObject({
    exit: 2,
    verdict: {
      error: { name: 'ReleaseInvalidError', message: expect.stringContaining('not those that its name promises') },
    },
  });
});

test.concurrent.each([
  ['a version twice', (made: Release) => ({ ...made, files: [...made.files, ...made.files] })],
  ['a target that no file has', (made: Release) => ({ ...made, target: 9 })],
  [
    'another text than its checksum says',
    (made: Release) => ({ ...made, files: made.files.map((file) => ({ ...file, sql: 'select 9' })) }),
  ],
  [
    'another way to run than the text says',
    (made: Release) => ({ ...made, files: made.files.map((file) => ({ ...file, mode: 'statements' })) }),
  ],
])('a release document with %s is refused', async (_, change) => {
  const database = await bench.freshDatabase();
  const body = JSON.stringify(change(await releaseOf(FILES)));
  const key = `releases/${createHash('sha256').update(body).digest('hex')}.json`;
  await bench.store.write(key, body);
  const ended = await bench.run({ database, files: FILES, env: { RELEASE: key } });
  expect(ended).toMatchObject({ exit: 2, verdict: { error: { name: 'ReleaseInvalidError' } } });
});

test.concurrent('a bucket that refuses the restore point stops the run before its first file', async () => {
  const database = await bench.freshDatabase();
  bench.store.faults.arm({
    ...{ service: 's3', operation: 'PutObject', mode: 'fail-before', code: 'AccessDenied', status: 403 },
    ...{ times: 1, skip: 0, where: { Key: 'runs/no-point/restore-point.json' }, afterMs: 0 },
  });
  const ended = await bench.run({ database, files: FILES, run: 'no-point' });
  expect(ended).toMatchObject({ exit: 1, verdict: { result: 'failed', files: [], error: { name: 'AccessDenied' } } });
  expect(await column(database, `select to_regclass('a')`)).toEqual([null]);
});

test.concurrent('the database named by a secret is spoken to in TLS only, with the certificate that vouches for it', async () => {
  const database = await bench.freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-ca-'));
  const ca = join(folder, 'ca.crt');
  await writeFile(ca, '');
  const arn = await bench.store.secret(JSON.stringify(database));
  const env = { DB_SECRET_ARN: arn, DATABASE_URL: undefined, PGSSLROOTCERT: ca };
  const ended = await bench.run({ database, files: FILES, env });
  expect(ended.verdict?.error).toMatchObject({
    name: 'DatabaseUnreachableError',
    message: expect.stringContaining('The server does not support SSL connections'),
  });
  await rm(folder, { recursive: true });
});

test.concurrent('a verdict is written in time also when a call hangs that nothing can cancel', async () => {
  const database = await bench.freshDatabase();
  bench.store.faults.arm({
    ...{ service: 's3', operation: 'GetObject', mode: 'hang', code: 'x', status: 500 },
    ...{ times: 1, skip: 0, where: { Key: 'runs/hang/restore-point.json' }, afterMs: 0 },
  });
  const began = performance.now();
  const ended = await bench.run({ database, files: FILES, run: 'hang', deadlineSeconds: 3 });
  expect(ended).toMatchObject({ exit: 1, verdict: { error: { name: 'DeadlineExceededError' } } });
  expect(performance.now() - began).toBeLessThan(33_000);
}, 60_000);
