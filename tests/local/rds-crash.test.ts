import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type RdsProcess, serversIn, startRdsProcess } from './rds-process.ts';
import { NEW_INSTANCE } from './rds-user.ts';
import { clientOf } from './with-endpoint.ts';
import { newFolder } from './with-rds.ts';

let folder: string;
let process: RdsProcess;

beforeEach(async () => {
  folder = await newFolder();
  process = await startRdsProcess(folder);
});

afterEach(async () => {
  await process.stop();
  expect(serversIn(folder)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Kills the process and starts another on the same folder. */
async function crash(): Promise<void> {
  await process.kill();
  process = await startRdsProcess(folder);
}

/** What lies in RDS's folder, and is of no instance or snapshot that there is. */
async function leftovers(): Promise<string[]> {
  const names = await readdir(join(folder, 'rds'));
  const records = names.filter((name) => name.endsWith('.json')).map((name) => name.replace('.json', ''));
  const known = [...records, ...records.map((name) => `${name}.json`), 'engine', 'snapshots', 'rdsadmin.secret'];
  // A record may be being written.
  return names.filter((name) => !known.includes(name.replace(/\.tmp$/, '')));
}

test('after a kill the servers left behind are ended, and the instance is there again with all that was committed', async () => {
  const before = await process.user.create('carts');
  await process.user.query('carts', 'create table kept as select generate_series(1, 500) as n');
  const [server] = serversIn(folder);

  const killed = Date.now();
  await crash();

  const after = await process.user.describe('carts');
  expect(process.orphans).toBe(1);
  expect(after).toMatchObject({ DBInstanceStatus: 'available', DbiResourceId: before.DbiResourceId });
  expect(after.Endpoint).toEqual(before.Endpoint);
  expect(await process.user.query('carts', 'select count(*)::int from kept')).toEqual([500]);
  expect(serversIn(folder)).toHaveLength(1);
  expect(serversIn(folder)).not.toContain(server);
  // Its archive goes on where it was.
  await process.user.until('carts', ({ LatestRestorableTime: time }) => (time?.getTime() ?? 0) > killed);
  await process.user.client.send(
    new RestoreDBInstanceToPointInTimeCommand({
      SourceDBInstanceIdentifier: 'carts',
      TargetDBInstanceIdentifier: 'restored',
      UseLatestRestorableTime: true,
    }),
  );
  await process.user.available('restored');
  expect(await process.user.query('restored', 'select count(*)::int from kept')).toEqual([500]);
});

test('creations that a kill hits in different parts are all finished by the next start', async () => {
  const names = ['first', 'second', 'third', 'fourth', 'fifth'];
  for (const name of names) {
    await process.user.client.send(new CreateDBInstanceCommand({ DBInstanceIdentifier: name, ...NEW_INSTANCE }));
    await delay(200);
  }

  await crash();
  for (const name of names) await process.user.available(name);

  for (const name of names) expect(await process.user.query(name, 'select current_database()')).toEqual(['carthub']);
  expect(serversIn(folder)).toHaveLength(names.length);
  expect(await leftovers()).toEqual([]);
});

test.each([20, 250])(
  'a rename, a snapshot, a restore and a deletion killed after %d ms are finished or undone',
  async (ms) => {
    const { client } = process.user;
    await process.user.create('carts');
    await process.user.query('carts', 'create table kept as select 1 as n');
    await process.user.create('leaving');
    await process.user.create('busy');
    await process.user.create('managed');
    await client.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'carts',
        NewDBInstanceIdentifier: 'renamed',
        ApplyImmediately: true,
      }),
    );
    await client.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'carts',
        TargetDBInstanceIdentifier: 'restored',
        UseLatestRestorableTime: true,
      }),
    );
    await client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'leaving', SkipFinalSnapshot: true }));
    const { DBInstance: managing } = await client.send(
      new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'managed', ManageMasterUserPassword: true }),
    );
    await client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'busy', DBSnapshotIdentifier: 'taken' }));
    await delay(ms);

    await crash();

    await process.user.available('busy');
    await process.user.until('carts', () => false).catch(() => process.user.available('renamed'));
    await process.user.available('restored');
    await process.user.deleted('leaving');
    expect(await process.user.query('renamed', 'select n from kept')).toEqual([1]);
    expect(await process.user.query('restored', 'select current_user::text')).toEqual(['carthub']);
    const { DBSnapshots = [] } = await process.user.client.send(
      new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }),
    );
    expect(DBSnapshots.every(({ Status }) => Status === 'available')).toBe(true);
    const { MasterUserSecret } = await process.user.available('managed');
    expect(MasterUserSecret).toMatchObject({
      SecretArn: managing?.MasterUserSecret?.SecretArn,
      SecretStatus: 'active',
    });
    const secrets = new SecretsManagerClient(clientOf(process.url));
    const { SecretString = '' } = await secrets.send(
      new GetSecretValueCommand({ SecretId: MasterUserSecret?.SecretArn }),
    );
    const { password } = JSON.parse(SecretString);
    expect(await process.user.query('managed', 'select 1', { password })).toEqual([1]);
    expect(serversIn(folder)).toHaveLength(4);
    expect(await leftovers()).toEqual([]);
  },
);

test('an instance that failed is tried again by the next start, when what it failed of may be over', async () => {
  const { DbiResourceId = '' } = await process.user.create('hurt');
  await process.user.query('hurt', 'create table kept as select 1 as n');
  const control = join(folder, 'rds', DbiResourceId, 'data/global/pg_control');
  await rename(control, `${control}.away`);
  for (const server of serversIn(folder)) kill(server, 'SIGKILL');
  await expect(process.user.until('hurt', () => false)).rejects.toThrow('failed');

  await crash();
  await expect(process.user.until('hurt', () => false)).rejects.toThrow('failed');

  await rename(`${control}.away`, control);
  await crash();
  await process.user.available('hurt');
  expect(await process.user.query('hurt', 'select n from kept')).toEqual([1]);
});
