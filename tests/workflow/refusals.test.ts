import { join } from 'node:path';
import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { record } from '../../lib/runs/record.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { runningExecution, settled } from '../support/execution.ts';
import { held, holdAt, letGo } from '../support/pause.ts';
import { jobNames, podProcess } from '../support/pod.ts';
import { startPostgres } from '../support/postgres.ts';
import { withSecret } from '../support/secret.ts';
import { until } from '../support/until.ts';

let cloud: TestCloud;
const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, owner text not null);\n' };
const NEXT = { ...BASE, '002.do.note.sql': 'alter table carts add column note text;\n' };

beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
}, 120_000);
afterAll(() => cloud?.stop());

const snapshots = async () => (await cloud.calls()).filter((call) => call.operation === 'CreateDBSnapshot').length;

/** Runs `use` and expects that it started nothing. */
async function startsNothing<T>(use: () => Promise<T>): Promise<T> {
  const [jobs, made] = [await jobNames(cloud), await snapshots()];
  const result = await use();
  expect([await jobNames(cloud), await snapshots()]).toEqual([jobs, made]);
  return result;
}

test('without pending files it does nothing: no snapshot, no Job', async () => {
  const result = await startsNothing(() => cloud.migrate(BASE));
  expect(result).toMatchObject({ exit: 0, json: { outcome: 'NothingToDo', version: { before: 1, after: 1 } } });
});

test('of two executions at once one runs, and the other is told who has the database', async () => {
  await holdAt(cloud, 'before a file', 2);
  const first = cloud.migrate(NEXT);
  await held(cloud);
  const holder = await runningExecution(cloud, 'migrate');
  const second = await startsNothing(() => cloud.migrate(NEXT));
  expect(second).toMatchObject({
    exit: 7,
    json: { outcome: 'Refused', error: { name: 'LeaseHeldError', message: expect.stringContaining(holder) } },
  });
  await cloud.sfn.send(new StopExecutionCommand({ executionArn: holder }));
  expect(await settled(cloud, holder)).toMatchObject({
    outcome: 'FailedUntouched',
    error: { name: 'ExecutionOverError' },
  });
  expect(await first).toMatchObject({ exit: 3 });
  await letGo(cloud);
}, 120_000);

test('a database that cannot be reached is not migrated', async () => {
  const result = await withSecret(cloud, { port: 1 }, () => startsNothing(() => cloud.migrate(NEXT)));
  expect(result).toMatchObject({ exit: 7, json: { outcome: 'Refused', error: { name: 'DatabaseUnreachableError' } } });
}, 120_000);

test('a wrong password is said to be one, and shown nowhere', async () => {
  const result = await withSecret(cloud, { password: 'hunter2-hunter2' }, () =>
    startsNothing(() => cloud.migrate(NEXT)),
  );
  expect(result).toMatchObject({ exit: 7, json: { error: { name: 'DatabaseAuthenticationError' } } });
  expect(JSON.stringify(result)).not.toContain('hunter2-hunter2');
}, 120_000);

test('a secret that is no secret is named, and its content shown nowhere', async () => {
  const result = await withSecret(cloud, { host: 17 }, () => startsNothing(() => cloud.migrate(NEXT)));
  expect(result).toMatchObject({
    exit: 7,
    json: { error: { name: 'DatabaseSecretError', message: expect.stringContaining('host') } },
  });
}, 120_000);

test('an instance without automated backups is not migrated', async () => {
  const retention = (days: number) =>
    cloud.rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'carthub-db',
        BackupRetentionPeriod: days,
        ApplyImmediately: true,
      }),
    );
  await retention(0);
  const result = await startsNothing(() => cloud.migrate(NEXT));
  await retention(7);
  expect(result).toMatchObject({ exit: 7, json: { outcome: 'Refused' } });
  expect(result.json.error?.name).toMatch(/^InstanceNot(Restorable|Available)Error$/);
}, 120_000);

test('a missing ServiceAccount is said before anything is started', async () => {
  const path = '/api/v1/namespaces/shopping-cart/serviceaccounts';
  await cloud.kubernetes.call('DELETE', `${path}/database-migration`);
  const result = await startsNothing(() => cloud.migrate(NEXT));
  await cloud.kubernetes.call('POST', path, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'database-migration' },
  });
  expect(result).toMatchObject({
    exit: 7,
    json: { outcome: 'Refused', error: { name: 'ServiceAccountMissingError' } },
  });
}, 120_000);

test('an image that no node can name leaves the database untouched, and the Job is gone', async () => {
  const result = await cloud.migrate(NEXT, '--image', 'Not A Name');
  expect(result).toMatchObject({
    exit: 3,
    json: {
      outcome: 'FailedUntouched',
      error: { name: 'JobNeverStartedError', message: expect.stringContaining('InvalidImageName') },
    },
  });
}, 120_000);

test('a schema that somebody changed by another way is not migrated', async () => {
  await cloud.query('create table made_by_hand (id int)');
  const result = await startsNothing(() => cloud.migrate(NEXT));
  await cloud.query('drop table made_by_hand');
  expect(result).toMatchObject({ exit: 7, json: { outcome: 'Refused', error: { name: 'DriftError' } } });
});

test.each<[string, Record<string, string>, string]>([
  [
    'a file that was changed after it was applied',
    { '001.do.carts.sql': 'create table carts ();' },
    'ChangedFileError',
  ],
  ['a release that lacks an applied file', { '002.do.note.sql': 'select 1;' }, 'MissingFileError'],
])('%s is refused', async (_what, files, name) => {
  expect(await startsNothing(() => cloud.migrate(files))).toMatchObject({
    exit: 7,
    json: { outcome: 'Refused', error: { name } },
  });
});

test('input that anybody may have written is refused by name, and recorded', async () => {
  const { region, account } = cloud.cloud;
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-migrate`;
  for (const [name, input] of [
    ['an-array', '[1]'],
    ['a-text', '"x"'],
    ['empty', '{}'],
    ['null', 'null'],
  ]) {
    const { executionArn = '' } = await cloud.sfn.send(
      new StartExecutionCommand({ stateMachineArn, name: `bad-${name}`, input }),
    );
    expect(await settled(cloud, executionArn)).toMatchObject({
      outcome: 'Refused',
      error: { name: 'InvalidInputError' },
    });
  }
}, 120_000);

test('input over 256 KiB is refused by name', async () => {
  const { region, account } = cloud.cloud;
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-migrate`;
  const input = JSON.stringify({ database: 'x'.repeat(262_144) });
  await expect(cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, input }))).rejects.toMatchObject({
    name: 'ValidationException',
  });
});

test.each<[string, string[], string]>([
  ['an unknown database', ['--database', 'nope'], 'UnknownDatabaseError'],
  ['a folder that is not there', ['--migrations', '/nowhere/at/all'], ''],
  ['an unknown option', ['--nope'], ''],
  ['a policy that is none', ['--on-failure', 'panic'], ''],
])('%s is wrong usage', async (_what, args, name) => {
  const result = await startsNothing(() => cloud.cli('migrate', ...args));
  expect(result.exit).toBe(2);
  expect(result.json.error).toMatchObject({ name: expect.stringContaining(name), remedy: expect.any(String) });
});

test.each<[string, Record<string, string>]>([
  ['an empty folder', {}],
  ['a name outside the grammar', { '001.do.a.sql': 'select 1;', 'two.do.b.sql': 'select 1;' }],
  ['an action in capitals', { '001.Do.a.sql': 'select 1;' }],
  ['a version twice', { '001.do.a.sql': 'select 1;', '1.do.b.sql': 'select 1;' }],
  ['a quote in the name', { "001.do.it's.sql": 'select 1;' }],
])('%s is wrong input', async (_what, files) => {
  const result = await startsNothing(() => cloud.migrate(files));
  expect(result.exit).toBe(2);
  expect(result.json.error).toMatchObject({ message: expect.any(String), remedy: expect.any(String) });
});

test('a database that was copied from a stack with greater tokens is migrated all the same', async () => {
  await cloud.query('update carthub_db.fence set token = 5000');
  const failing = { ...BASE, '002.do.fails.sql': 'select 1 / 0;\n' };
  expect(await cloud.migrate(failing)).toMatchObject({ exit: 3, json: { error: { name: 'SqlError' } } });
  expect(await cloud.document('leases/carthub.json')).toMatchObject({ holder: null, token: 5002 });
}, 120_000);

test('when the database cannot be looked at after a failure it is kept and marked, and assessed when it answers again', async () => {
  await holdAt(cloud, 'before a file', 2);
  const migrating = cloud.migrate(NEXT);
  await held(cloud);
  const kept = await withSecret(cloud, { port: 1 }, async () => {
    process.kill(await podProcess(cloud), 'SIGKILL');
    return migrating;
  });
  expect(kept).toMatchObject({ exit: 5, json: { outcome: 'FailedKept' } });
  await letGo(cloud);
  const run = z.object({ run: z.string() }).parse(kept.json).run;
  const found = await until('the later assessment', async () => {
    const kept = record.parse(await cloud.document(`runs/${run}.json`));
    return kept.reassessed === null ? null : kept;
  });
  expect(found).toMatchObject({ outcome: 'FailedKept', reassessed: { outcome: 'FailedUntouched' } });
  expect(await cloud.migrate(NEXT)).toMatchObject({ exit: 0, json: { outcome: 'Migrated' } });
}, 120_000);

test('what a platform provides is no drift with a prelude, on a server as on the embedded one', async () => {
  const platform = 'create schema platform;\ncreate extension citext schema platform;\n';
  await cloud.query(platform);
  const files = { ...NEXT, '003.do.name.sql': 'create table names (name platform.citext);\n' };
  expect(await startsNothing(() => cloud.migrate(files))).toMatchObject({
    ...{ exit: 7, stderr: expect.stringContaining('--on-drift list') },
    json: {
      version: { before: 2 },
      error: { name: 'DriftError', message: expect.stringContaining('schema platform') },
    },
  });
  const prelude = join(await cloud.folder({ 'before.sql': platform }), 'before.sql');
  const migrated = { exit: 0, json: { outcome: 'Migrated', unproven: null, differences: [] } };
  expect(await cloud.migrate(files, '--prelude', prelude)).toMatchObject(migrated);
  const server = await startPostgres();
  try {
    const url = `postgresql://postgres@127.0.0.1:${server.server.port}/postgres`;
    const next = { ...files, '004.do.more.sql': 'create table more (name platform.citext);\n' };
    expect(await cloud.migrate(next, '--prelude', prelude, '--server', url)).toMatchObject(migrated);
  } finally {
    await server.stop();
  }
}, 120_000);
