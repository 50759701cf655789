import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AddRoleToDBInstanceCommand,
  AddTagsToResourceCommand,
  type DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  RemoveRoleFromDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GROUPS } from '../../local/provision/instance.ts';
import { SECONDS } from '../../local/rds/pace.ts';
import { AFTERWARDS, AT_RESTORE, ROLE } from './rds-settings.ts';
import { RdsUser } from './rds-user.ts';
import { clientOf } from './with-endpoint.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

const pace = { ...SECONDS };
let folder: string;
let running: RunningRds;
let user: RdsUser;
let secrets: SecretsManagerClient;

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder, { ...GROUPS, pace, quotas: { AllocatedStorage: 1700 } });
  user = new RdsUser(running.endpoint.url, running.caFile);
  secrets = new SecretsManagerClient(clientOf(running.endpoint.url));
  await user.create('source', { ...AT_RESTORE, ...AFTERWARDS });
  await user.query('source', 'create table kept as select 1 as n');
  await user.client.send(new AddRoleToDBInstanceCommand({ DBInstanceIdentifier: 'source', ...ROLE }));
  await after('source');
});

afterAll(async () => {
  await running.stop();
  // Nothing is left of what is gone: four instances, each with a record and a folder.
  expect((await readdir(join(folder, 'rds'))).filter((name) => name.startsWith('db-'))).toHaveLength(2 * 4);
  await rm(folder, { recursive: true });
});

const modify = (DBInstanceIdentifier: string, input: object) =>
  user.client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...input }));
const restore = (TargetDBInstanceIdentifier: string, input: object) =>
  user.client.send(
    new RestoreDBInstanceToPointInTimeCommand({
      TargetDBInstanceIdentifier,
      ...('SourceDbiResourceId' in input ? {} : { SourceDBInstanceIdentifier: 'source' }),
      ...('RestoreTime' in input ? {} : { UseLatestRestorableTime: true }),
      ...input,
    }),
  );
const after = async (identifier: string, now = Date.now()) =>
  user.until(identifier, ({ LatestRestorableTime: time }) => (time?.getTime() ?? 0) > now);
const secretOf = async ({ MasterUserSecret }: DBInstance) => {
  const { SecretString = '' } = await secrets.send(
    new GetSecretValueCommand({ SecretId: MasterUserSecret?.SecretArn }),
  );
  return JSON.parse(SecretString);
};

/** Without what names the instance, and what only time decides. */
function settingsOf(instance: DBInstance): Record<string, unknown> {
  const own =
    /^(DBInstanceIdentifier|DBInstanceArn|DbiResourceId|Endpoint|InstanceCreateTime|LatestRest|StorageOp|EnhancedM)/;
  return Object.fromEntries(Object.entries(instance).filter(([name]) => !own.test(name)));
}

test('what a restore is not told it forgets; what it cannot be told it takes afterwards; then nothing differs', async () => {
  const source = await user.until('source', ({ AssociatedRoles: [role] = [] }) => role?.Status === 'ACTIVE');
  const snapshots = await user.client.send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'source' }));
  const [snapshot] = snapshots.DBSnapshots ?? [];
  pace.hydration = 4_000;

  const { DBInstance: bare } = await restore('bare', {});
  await restore('dressed', AT_RESTORE);
  await user.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'from-snapshot',
      DBSnapshotIdentifier: snapshot?.DBSnapshotIdentifier,
      MultiAZ: true,
    }),
  );

  expect(snapshot?.TagList).toEqual([{ Key: 'team', Value: 'carts' }]);
  expect(bare).toMatchObject({
    DBInstanceStatus: 'creating',
    VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default', Status: 'active' }],
    DBSubnetGroup: { DBSubnetGroupName: 'default' },
    DBParameterGroups: [{ DBParameterGroupName: 'default.postgres15' }],
    OptionGroupMemberships: [{ OptionGroupName: 'default:postgres-15' }],
    MultiAZ: false,
    DeletionProtection: false,
    IAMDatabaseAuthenticationEnabled: false,
    CopyTagsToSnapshot: false,
    PubliclyAccessible: false,
    AutoMinorVersionUpgrade: true,
    StorageType: 'gp3',
    Iops: 12_000,
    StorageThroughput: 500,
    DedicatedLogVolume: false,
    EngineLifecycleSupport: 'open-source-rds-extended-support',
    CACertificateIdentifier: 'rds-ca-rsa2048-g1',
    MonitoringInterval: 0,
    PerformanceInsightsEnabled: false,
    DatabaseInsightsMode: 'standard',
    // Of the source
    BackupRetentionPeriod: 5,
    DBInstanceClass: 'db.r6g.large',
    AllocatedStorage: 400,
    StorageEncrypted: true,
    KmsKeyId: source.KmsKeyId,
    MasterUsername: 'carthub',
  });
  for (const window of ['PreferredBackupWindow', 'PreferredMaintenanceWindow', 'AvailabilityZone'] as const) {
    expect(bare?.[window]).not.toBe(source[window]);
  }
  expect([bare?.MaxAllocatedStorage, bare?.MonitoringRoleArn, bare?.MasterUserSecret]).toEqual([]);
  const { TagList, EnabledCloudwatchLogsExports: logs, AssociatedRoles, DomainMemberships } = bare ?? {};
  expect([TagList, logs, AssociatedRoles, DomainMemberships]).toEqual([[], [], [], []]);

  const dressed = await user.available('dressed');
  expect(dressed).toMatchObject({
    StorageOperationStatus: 'Initializing',
    StorageOperationPercentProgress: expect.any(Number),
  });
  const { DBInstance: modifying } = await modify('dressed', AFTERWARDS);
  expect(modifying?.DBInstanceStatus).toBe('configuring-enhanced-monitoring');
  await user.available('dressed');
  await user.client.send(new AddRoleToDBInstanceCommand({ DBInstanceIdentifier: 'dressed', ...ROLE }));
  const same = await user.until('dressed', ({ AssociatedRoles: [role] = [] }) => role?.Status === 'ACTIVE');
  expect(settingsOf(same)).toEqual(settingsOf(source));
  expect(await user.available('from-snapshot')).toMatchObject({
    MultiAZ: true,
    SecondaryAvailabilityZone: expect.any(String),
  });
  expect(await user.query('from-snapshot', `select to_regclass('kept') is null`)).toEqual([true]);
  expect(await user.query('dressed', 'select n from kept')).toEqual([1]);
  await expect(restore('too-much', {})).rejects.toMatchObject({ name: 'StorageQuotaExceededFault' });
}, 60_000);

test('the blocks of a restored instance come in slowly, and then nothing says so any more', async () => {
  const { StorageOperationPercentProgress: before = 0 } = await user.describe('dressed');
  await user.until('dressed', ({ StorageOperationPercentProgress: now }) => now === undefined || now > before);
  await user.until('dressed', ({ StorageOperationStatus }) => StorageOperationStatus === undefined);
});

test('RDS keeps the master password in a secret of its own for as long as it is told to', async () => {
  const { DBInstance: asked } = await modify('bare', { ManageMasterUserPassword: true });
  expect(asked?.MasterUserSecret).toMatchObject({ SecretStatus: 'creating' });
  const managed = await user.available('bare');
  const first = await secretOf(managed);
  expect(managed.MasterUserSecret).toMatchObject({
    SecretArn: expect.stringMatching(
      /^arn:aws:secretsmanager:eu-west-1:000000000000:secret:rds!db-[0-9a-f-]{36}-\w{6}$/,
    ),
    SecretStatus: 'active',
  });
  expect(Object.keys(first)).toEqual(['username', 'password']);
  const ask = (password?: string) => user.query('bare', 'select 1', password === undefined ? {} : { password });
  await expect(ask()).rejects.toMatchObject({ code: '28P01' });
  expect(await ask(first.password)).toEqual([1]);
  await expect(modify('bare', { MasterUserPassword: 'another-good-one' })).rejects.toThrow('not both');

  await modify('bare', { RotateMasterUserPassword: true, ApplyImmediately: true });
  const rotated = await secretOf(await user.available('bare'));
  await expect(ask(first.password)).rejects.toMatchObject({ code: '28P01' });
  expect(await ask(rotated.password)).toEqual([1]);

  await modify('bare', { ManageMasterUserPassword: false, MasterUserPassword: 'a-good-password' });
  expect((await user.available('bare')).MasterUserSecret).toBeUndefined();
  expect(await ask()).toEqual([1]);
  await expect(secretOf(managed)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a restored instance can be restored at once, without a copy of its own, also after its source is gone', async () => {
  await user.query('bare', 'insert into kept values (2)');
  const target = new Date(Math.ceil(Date.now() / 1000) * 1000);
  const { DbiResourceId } = await after('bare', target.getTime());
  await user.query('bare', 'insert into kept values (3)');
  const { DBSnapshots: [snapshot] = [] } = await user.client.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'bare' }),
  );
  const named = snapshot?.DBSnapshotIdentifier ?? '';
  const data = join(folder, 'rds', 'snapshots', named.replace(':', '+'));
  expect((await stat(join(data, 'global', 'pg_control'))).nlink).toBeGreaterThan(1);
  await modify('source', { DeletionProtection: false });
  await user.available('source');
  for (const gone of ['source', 'from-snapshot']) {
    await user.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: gone, SkipFinalSnapshot: true }));
    await user.deleted(gone);
  }

  await restore('again', { SourceDbiResourceId: DbiResourceId, RestoreTime: target });
  await user.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'at-first', DBSnapshotIdentifier: named }),
  );
  await user.available('again');
  await user.available('at-first');

  expect(await user.query('again', 'select n from kept order by n')).toEqual([1, 2]);
  expect(await user.query('at-first', 'select n from kept order by n')).toEqual([1]);
  // And what came out of a snapshot can be restored in its turn.
  await user.query('at-first', 'insert into kept values (4)');
  await after('at-first');
  await user.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'again', SkipFinalSnapshot: true }));
  await user.deleted('again');
  await restore('third', { SourceDBInstanceIdentifier: 'at-first' });
  await user.available('third');
  expect(await user.query('third', 'select n from kept order by n')).toEqual([1, 4]);
}, 60_000);

test('a renamed instance is nowhere until it is there, and takes its snapshots, tags and backups along', async () => {
  pace.renaming = 1500;
  const { DbiResourceId = '', Endpoint, DBInstanceArn = '' } = await user.describe('third');
  await user.client.send(
    new AddTagsToResourceCommand({ ResourceName: DBInstanceArn, Tags: [{ Key: 'a', Value: 'b' }] }),
  );
  await modify('third', { NewDBInstanceIdentifier: 'Fourth', ApplyImmediately: true });
  const refused = () =>
    user.connectTo(Endpoint?.Port ?? 0).then(
      () => false,
      (error) => error.code === 'ECONNREFUSED',
    );
  const found = await user.until('third', ({ Endpoint: now }) => now === undefined);
  const gone = Date.now();
  expect(found).toMatchObject({ DBInstanceStatus: 'renaming', DbiResourceId });
  expect(await refused()).toBe(true);
  await user.until('third', () => false).catch(() => user.available('fourth'));

  expect([await refused(), Date.now() - gone > 2_500]).toEqual([true, true]);
  expect(await user.describe('fourth')).toMatchObject({ DbiResourceId, TagList: [{ Key: 'a', Value: 'b' }] });
  const { DBSnapshots = [] } = await user.client.send(
    new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'fourth' }),
  );
  expect(DBSnapshots).toMatchObject([{ DBInstanceIdentifier: 'fourth', DbiResourceId }]);
  const { DBInstanceAutomatedBackups: [backup] = [] } = await user.client.send(
    new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId }),
  );
  expect(backup).toMatchObject({ DBInstanceIdentifier: 'fourth', Status: 'active' });
});

test('the automated backup has tags of its own, and a feature has one role', async () => {
  const { DbiResourceId } = await user.describe('dressed');
  const { DBInstanceAutomatedBackups: [backup] = [] } = await user.client.send(
    new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId }),
  );
  const { TagList } = await user.client.send(
    new ListTagsForResourceCommand({ ResourceName: backup?.DBInstanceAutomatedBackupsArn }),
  );
  expect([TagList, backup?.TagList]).toEqual(Array(2).fill([{ Key: 'keep', Value: 'long' }]));
  const role = { DBInstanceIdentifier: 'dressed', ...ROLE };
  await expect(user.client.send(new AddRoleToDBInstanceCommand(role))).rejects.toMatchObject({
    name: 'DBInstanceRoleAlreadyExistsFault',
  });
  await user.client.send(new RemoveRoleFromDBInstanceCommand(role));
  await expect(user.client.send(new RemoveRoleFromDBInstanceCommand(role))).rejects.toMatchObject({
    name: 'DBInstanceRoleNotFoundFault',
    $metadata: { httpStatusCode: 404 },
  });
});
