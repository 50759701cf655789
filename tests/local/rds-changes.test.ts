import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBInstanceCommand,
  RebootDBInstanceCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder, {
    parameterGroups: { 'carts-15': { 'rds.force_ssl': '0', log_min_duration_statement: '500' } },
  });
  user = new RdsUser(running.endpoint.url, running.caFile);
  await user.create('carts');
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const PITR = { SourceDBInstanceIdentifier: 'carts', UseLatestRestorableTime: true };
const modify = (input: object, identifier = 'carts') =>
  new ModifyDBInstanceCommand({ DBInstanceIdentifier: identifier, ...input });

test('a rename hands the address over: the name leads to whoever has it now', async () => {
  await user.create('next');
  const [carts, next] = [await user.describe('carts'), await user.describe('next')];
  await user.query('carts', `create table who as select 'old'::text as name`);
  await user.query('next', `create table who as select 'new'::text as name`);
  const session = await user.connect('carts');

  await user.client.send(modify({ NewDBInstanceIdentifier: 'carts-retired', ApplyImmediately: true }));
  expect(await user.describe('carts')).toMatchObject({
    DBInstanceStatus: 'renaming',
    PendingModifiedValues: { DBInstanceIdentifier: 'carts-retired' },
  });
  await expect(user.client.send(modify({ NewDBInstanceIdentifier: 'carts' }, 'next'))).rejects.toMatchObject({
    name: 'DBInstanceAlreadyExistsFault',
  });
  const retired = await user.until('carts', () => false).catch(() => user.available('carts-retired'));
  await expect(user.connectTo(carts.Endpoint?.Port ?? 0)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(session.query('select 1')).rejects.toThrow();
  // Nobody is called so between the two: what starts the cloud anew makes no third one that would be in the way.
  expect(await running.rds.ensureInstance({ DBInstanceIdentifier: 'carts' })).toBeNull();
  await user.client.send(modify({ NewDBInstanceIdentifier: 'carts', ApplyImmediately: true }, 'next'));
  await user.until('next', () => false).catch(() => user.available('carts'));
  const renamed = await user.describe('carts');

  expect(retired.DbiResourceId).toBe(carts.DbiResourceId);
  expect(renamed).toMatchObject({ DbiResourceId: next.DbiResourceId, Endpoint: { Port: carts.Endpoint?.Port } });
  expect(renamed.PendingModifiedValues ?? {}).toEqual({});
  expect(await user.query('carts', 'select name from who')).toEqual(['new']);
  expect(await user.query('carts-retired', 'select name from who')).toEqual(['old']);
});

test('without ApplyImmediately a rename waits, and comes with the next call that has it', async () => {
  await user.client.send(
    modify({ NewDBInstanceIdentifier: 'later', DBInstanceClass: 'db.m7g.large' }, 'carts-retired'),
  );
  expect(await user.describe('carts-retired')).toMatchObject({
    DBInstanceStatus: 'available',
    DBInstanceClass: 'db.t4g.micro',
    PendingModifiedValues: { DBInstanceIdentifier: 'later', DBInstanceClass: 'db.m7g.large' },
  });

  await user.client.send(modify({ ApplyImmediately: true }, 'carts-retired'));
  await user.until('carts-retired', () => false).catch(() => user.available('later'));

  expect(await user.describe('later')).toMatchObject({ DBInstanceClass: 'db.m7g.large' });
});

test('deletion protection, tags and windows change at once, security groups when they are active', async () => {
  const { DBInstance } = await user.client.send(
    modify({ DeletionProtection: true, BackupRetentionPeriod: 3, VpcSecurityGroupIds: ['sg-new'] }),
  );
  expect(DBInstance).toMatchObject({
    DBInstanceStatus: 'modifying',
    DeletionProtection: true,
    BackupRetentionPeriod: 3,
    VpcSecurityGroups: [
      { VpcSecurityGroupId: 'sg-default', Status: 'removing' },
      { VpcSecurityGroupId: 'sg-new', Status: 'adding' },
    ],
  });
  await expect(user.client.send(modify({ DeletionProtection: false }))).rejects.toMatchObject({
    name: 'InvalidDBInstanceStateFault',
  });
  await expect(
    user.client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'carts', DBSnapshotIdentifier: 's' })),
  ).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });

  expect((await user.available('carts')).VpcSecurityGroups).toEqual([
    { VpcSecurityGroupId: 'sg-new', Status: 'active' },
  ]);
  await expect(
    user.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'carts', SkipFinalSnapshot: true })),
  ).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
    message: expect.stringContaining('deletion protection'),
  });
});

test('a new master password replaces the old one, and is nowhere in the folder', async () => {
  await user.client.send(modify({ MasterUserPassword: 'another-good-password' }));
  await user.available('carts');

  await expect(user.query('carts', 'select 1')).rejects.toMatchObject({ code: '28P01' });
  expect(await user.query('carts', 'select 1', { password: 'another-good-password' })).toEqual([1]);
  const find = () =>
    execFileSync('grep', ['-rlaE', 'another-good-password|a-good-password', folder], { encoding: 'utf8' });
  expect(find).toThrow(expect.objectContaining({ status: 1 }));
  await user.client.send(modify({ MasterUserPassword: 'a-good-password' }));
  await user.available('carts');
});

test('a parameter group counts from the next reboot on', async () => {
  await user.client.send(modify({ DBParameterGroupName: 'carts-15' }));
  const pending = await user.available('carts');
  const before = await user.query('carts', 'show log_min_duration_statement');

  await user.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'carts' }));
  expect(await user.statuses('carts')).toEqual(['rebooting', 'available']);

  expect(pending.DBParameterGroups).toEqual([
    { DBParameterGroupName: 'carts-15', ParameterApplyStatus: 'pending-reboot' },
  ]);
  expect(before).toEqual(['-1']);
  expect(await user.query('carts', 'show log_min_duration_statement')).toEqual(['500ms']);
  expect(await user.query('carts', 'select 1', { ssl: false })).toEqual([1]);
});

test('a reboot is a crash to its sessions: what they had not committed is gone', async () => {
  await user.query('carts', 'create table committed (n int)');
  const session = await user.connect('carts');
  await session.query('begin; insert into committed values (1)');

  await user.client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'carts' }));
  await user.available('carts');

  await expect(session.query('commit')).rejects.toThrow();
  expect(await user.query('carts', 'select count(*)::int from committed')).toEqual([0]);
});

test('a server that is killed comes back by itself', async () => {
  const { DbiResourceId } = await user.describe('carts');
  const file = join(folder, 'rds', DbiResourceId ?? '', 'data', 'postmaster.pid');
  const postmaster = () => (existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : 0);
  const killed = postmaster();

  process.kill(killed, 'SIGKILL');
  await user.until('carts', ({ DBInstanceStatus }) => DBInstanceStatus === 'available' && postmaster() !== killed);

  expect(await user.query('carts', 'select count(*)::int from committed')).toEqual([0]);
});

test('retention 0 ends point-in-time recovery at once, and any other brings it back', async () => {
  await user.client.send(modify({ BackupRetentionPeriod: 0, ApplyImmediately: true }));
  const without = await user.available('carts');
  expect(without.LatestRestorableTime).toBeUndefined();
  await expect(
    user.client.send(new RestoreDBInstanceToPointInTimeCommand({ ...PITR, TargetDBInstanceIdentifier: 'y' })),
  ).rejects.toMatchObject({ name: 'PointInTimeRestoreNotEnabledFault' });

  await user.client.send(modify({ BackupRetentionPeriod: 2, ApplyImmediately: true }));
  const seen = await user.statuses('carts');

  expect(seen).toEqual(['modifying', 'backing-up', 'available']);
  expect((await user.describe('carts')).LatestRestorableTime).toBeInstanceOf(Date);
});

test('a final snapshot is taken before the instance goes, and its automated backups go with it', async () => {
  await user.client.send(
    new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'later', FinalDBSnapshotIdentifier: 'last-of-later' }),
  );
  expect(await user.describe('later')).toMatchObject({ DBInstanceStatus: 'deleting' });
  await user.deleted('later');

  const { DBSnapshots = [] } = await user.client.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'later' }),
  );
  expect(DBSnapshots).toMatchObject([{ DBSnapshotIdentifier: 'last-of-later', Status: 'available' }]);
});
