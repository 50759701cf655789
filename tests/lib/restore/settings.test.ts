import { type DBInstance, DBInstance$ } from '@aws-sdk/client-rds';
import { expect, test } from '@jest/globals';
import { compareSettings } from '../../../lib/restore/settings/compare.ts';
import { treatments } from '../../../lib/restore/settings/fields.ts';
import { type CapturedInstance, capture } from '../../../lib/restore/settings/instance.ts';
import { autoscaling, restoreParameters } from '../../../lib/restore/settings/passed.ts';
import { nextStep } from '../../../lib/restore/settings/second-step.ts';
import { copyTags } from '../../../lib/restore/settings/tags.ts';
import { stubRds } from '../../support/rds-stub.ts';

const OPS = 'sg-ops';
const given = { admits: [OPS], anyZone: false };

/** An instance of which nothing is as it would be by default. */
const SOURCE: DBInstance = {
  ...{ DBInstanceIdentifier: 'shop-db', DBInstanceArn: 'arn:aws:rds:eu-west-1:1:db:shop-db', DbiResourceId: 'db-1' },
  ...{ DBInstanceStatus: 'available', Engine: 'postgres', EngineVersion: '15.18', InstanceCreateTime: new Date(0) },
  ...{ DBInstanceClass: 'db.m7g.large', AllocatedStorage: 500, MaxAllocatedStorage: 900, StorageType: 'gp3' },
  ...{ Iops: 14_000, StorageThroughput: 600, DedicatedLogVolume: true, StorageEncrypted: true, KmsKeyId: 'key' },
  ...{ MultiAZ: false, AvailabilityZone: 'eu-west-1b', NetworkType: 'DUAL', PubliclyAccessible: false },
  ...{
    CustomerOwnedIpEnabled: false,
    BackupTarget: 'region',
    CustomIamInstanceProfile: 'profile',
    DBCapacityReservationIdentifier: 'reserved',
  },
  ...{ IAMDatabaseAuthenticationEnabled: true, AutoMinorVersionUpgrade: false, CopyTagsToSnapshot: true },
  ...{ EngineLifecycleSupport: 'open-source-rds-extended-support-disabled', DeletionProtection: true },
  ...{ CACertificateIdentifier: 'rds-ca-ecc384-g1', CertificateDetails: { CAIdentifier: 'rds-ca-ecc384-g1' } },
  ...{
    BackupRetentionPeriod: 7,
    PreferredBackupWindow: '02:00-02:30',
    PreferredMaintenanceWindow: 'tue:04:00-tue:04:30',
  },
  ...{ MonitoringInterval: 60, MonitoringRoleArn: 'arn:role/monitoring', DatabaseInsightsMode: 'advanced' },
  ...{ PerformanceInsightsEnabled: true, PerformanceInsightsRetentionPeriod: 465, PerformanceInsightsKMSKeyId: 'pi' },
  Endpoint: { Address: 'shop-db.x.rds.amazonaws.com', Port: 6432 },
  DBSubnetGroup: { DBSubnetGroupName: 'shop', VpcId: 'vpc-1' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-shop', Status: 'active' }],
  DBParameterGroups: [{ DBParameterGroupName: 'shop-15', ParameterApplyStatus: 'in-sync' }],
  OptionGroupMemberships: [{ OptionGroupName: 'shop-options', Status: 'in-sync' }],
  EnabledCloudwatchLogsExports: ['postgresql', 'upgrade'],
  ProcessorFeatures: [{ Name: 'coreCount', Value: '1' }],
  DomainMemberships: [{ Domain: 'd-1', Status: 'joined', IAMRoleName: 'directory' }],
  AssociatedRoles: [{ RoleArn: 'arn:role/export', FeatureName: 's3Export', Status: 'ACTIVE' }],
  MasterUserSecret: { SecretArn: 'arn:secret:1', SecretStatus: 'active', KmsKeyId: 'secret-key' },
  TagList: [
    { Key: 'team', Value: 'carts' },
    { Key: 'aws:cloudformation:stack-name', Value: 'shop' },
  ],
};

/** A copy that is as it should be. */
const COPY: DBInstance = {
  ...{
    ...SOURCE,
    DBInstanceIdentifier: 'copy',
    DBInstanceArn: 'arn:aws:rds:eu-west-1:1:db:copy',
    DbiResourceId: 'db-2',
  },
  VpcSecurityGroups: [{ VpcSecurityGroupId: OPS, Status: 'active' }],
  MasterUserSecret: { SecretArn: 'arn:secret:2', SecretStatus: 'active', KmsKeyId: 'secret-key' },
  TagList: copyTags([{ Key: 'team', Value: 'carts' }], { run: 'r', database: 'd', expires: 'then' }),
};

const source = capture(SOURCE);
const copyWith = (changes: DBInstance): CapturedInstance => capture({ ...COPY, ...changes });
const unexplained = (changes: DBInstance, of = source) =>
  compareSettings(of, copyWith(changes), given).unexplained.map(({ field }) => field);

/** What the next call to RDS would be, with its input. */
async function stepFor(changes: DBInstance, of = source): Promise<unknown> {
  const step = nextStep(of, copyWith(changes), OPS);
  let sent: unknown = null;
  const take = (input: object) => {
    sent = input;
    return {};
  };
  const { rds } = stubRds({
    ModifyDBInstanceCommand: take,
    AddRoleToDBInstanceCommand: take,
    RebootDBInstanceCommand: take,
  });
  await step?.take(rds, 'copy');
  return sent;
}

test('every field of an instance that the SDK knows has its treatment, and no other', () => {
  const [, , , , names] = DBInstance$;
  expect([...treatments.keys()].toSorted()).toEqual([...names].toSorted());
  expect(names.length).toBeGreaterThan(90);
  for (const [field, { why }] of treatments) expect({ field, why }).not.toEqual({ field, why: '' });
});

test('a copy with all settings needs nothing more and has no difference that nothing explains', async () => {
  const { compared, unexplained: left } = compareSettings(source, capture(COPY), given);
  expect(left).toEqual([]);
  expect(await stepFor({})).toBeNull();
  expect(compared.filter(({ how, reason }) => how === 'differs' && !reason)).toEqual([]);
  expect(compared.find(({ field }) => field === 'MasterUserSecret')?.reason).toContain('arn:secret:2');
});

const parameters = {
  ...restoreParameters(source, { opsGroup: OPS, tags: [], backupTags: [], anyZone: false }),
  ...autoscaling(source),
};

// What RDS makes of a field when the parameter is left out, and what has to be passed for it to stay.
const FORGOTTEN: [string, DBInstance, object][] = [
  ['class', { DBInstanceClass: 'db.t4g.micro' }, { DBInstanceClass: 'db.m7g.large' }],
  ['storage size', { AllocatedStorage: 100 }, { AllocatedStorage: 500 }],
  ['autoscaling limit', { MaxAllocatedStorage: 500 }, { MaxAllocatedStorage: 900 }],
  ['storage type', { StorageType: 'io1' }, { StorageType: 'gp3' }],
  ['IOPS', { Iops: 12_000 }, { Iops: 14_000 }],
  ['throughput', { StorageThroughput: 500 }, { StorageThroughput: 600 }],
  ['log volume', { DedicatedLogVolume: false }, { DedicatedLogVolume: true }],
  ['zone', { AvailabilityZone: 'eu-west-1a' }, { AvailabilityZone: 'eu-west-1b' }],
  ['standby', { MultiAZ: true }, { MultiAZ: false }],
  ['subnet group', { DBSubnetGroup: { DBSubnetGroupName: 'default' } }, { DBSubnetGroupName: 'shop' }],
  ['security groups', { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-default' }] }, { VpcSecurityGroupIds: [OPS] }],
  [
    'parameter group',
    { DBParameterGroups: [{ DBParameterGroupName: 'default.postgres15' }] },
    { DBParameterGroupName: 'shop-15' },
  ],
  ['option group', { OptionGroupMemberships: [{ OptionGroupName: 'default' }] }, { OptionGroupName: 'shop-options' }],
  ['network type', { NetworkType: 'IPV4' }, { NetworkType: 'DUAL' }],
  ['public address', { PubliclyAccessible: true }, { PubliclyAccessible: false }],
  ['customer-owned address', { CustomerOwnedIpEnabled: true }, { EnableCustomerOwnedIp: false }],
  ['place of backups', { BackupTarget: 'outposts' }, { BackupTarget: 'region' }],
  [
    'capacity reservation',
    { DBCapacityReservationIdentifier: 'other' },
    { DBCapacityReservationIdentifier: 'reserved' },
  ],
  ['authority', { CACertificateIdentifier: 'rds-ca-rsa2048-g1' }, { CACertificateIdentifier: 'rds-ca-ecc384-g1' }],
  ['IAM authentication', { IAMDatabaseAuthenticationEnabled: false }, { EnableIAMDatabaseAuthentication: true }],
  ['minor upgrades', { AutoMinorVersionUpgrade: true }, { AutoMinorVersionUpgrade: false }],
  [
    'Extended Support',
    { EngineLifecycleSupport: 'open-source-rds-extended-support' },
    { EngineLifecycleSupport: 'open-source-rds-extended-support-disabled' },
  ],
  ['retention', { BackupRetentionPeriod: 1 }, { BackupRetentionPeriod: 7 }],
  ['backup window', { PreferredBackupWindow: '04:41-05:11' }, { PreferredBackupWindow: '02:00-02:30' }],
  ['tags on snapshots', { CopyTagsToSnapshot: false }, { CopyTagsToSnapshot: true }],
  ['deletion protection', { DeletionProtection: false }, { DeletionProtection: true }],
  ['exported logs', { EnabledCloudwatchLogsExports: [] }, { EnableCloudwatchLogsExports: ['postgresql', 'upgrade'] }],
  ['cores', { ProcessorFeatures: [] }, { ProcessorFeatures: [{ Name: 'coreCount', Value: '1' }] }],
  ['domain', { DomainMemberships: [] }, { Domain: 'd-1', DomainIAMRoleName: 'directory' }],
  ['instance profile', { CustomIamInstanceProfile: undefined }, { CustomIamInstanceProfile: 'profile' }],
  [
    'certificate',
    { CertificateDetails: { CAIdentifier: 'rds-ca-rsa2048-g1' } },
    { CACertificateIdentifier: 'rds-ca-ecc384-g1' },
  ],
];
test.each(FORGOTTEN)(
  'the %s that a restore would forget is passed, and found when it is another all the same',
  (_what, forgotten, passed) => {
    expect(parameters).toMatchObject(passed);
    expect(unexplained(forgotten)).toEqual(Object.keys(forgotten));
  },
);

test('port and tags are passed, but for the tags of AWS’s own', () => {
  expect(parameters).toMatchObject({ Port: 6432 });
  expect(copyTags(SOURCE.TagList ?? [], { run: 'r', database: 'd', expires: 'then' })).toEqual([
    { Key: 'team', Value: 'carts' },
    { Key: 'carthub-db:run', Value: 'r' },
    { Key: 'carthub-db:database', Value: 'd' },
    { Key: 'carthub-db:expires', Value: 'then' },
  ]);
  expect(unexplained({ TagList: [] })).toEqual(['TagList']);
  const backupTags = [{ Key: 'team', Value: 'carts' }];
  expect(restoreParameters(source, { opsGroup: OPS, tags: [], backupTags, anyZone: false })).toMatchObject({
    TagSpecifications: [{ ResourceType: 'auto-backup', Tags: backupTags }],
  });
});

// What no restore call takes, and the one call that gives it.
const NOT_TAKEN: [string, DBInstance, object][] = [
  [
    'enhanced monitoring',
    { MonitoringInterval: 0, MonitoringRoleArn: undefined },
    { MonitoringInterval: 60, MonitoringRoleArn: 'arn:role/monitoring' },
  ],
  [
    'Performance Insights',
    {
      PerformanceInsightsEnabled: false,
      PerformanceInsightsRetentionPeriod: undefined,
      PerformanceInsightsKMSKeyId: undefined,
    },
    {
      ...{
        EnablePerformanceInsights: true,
        PerformanceInsightsRetentionPeriod: 465,
        PerformanceInsightsKMSKeyId: 'pi',
      },
      DatabaseInsightsMode: 'advanced',
    },
  ],
  [
    'insights mode',
    { DatabaseInsightsMode: 'standard' },
    { EnablePerformanceInsights: true, DatabaseInsightsMode: 'advanced' },
  ],
  [
    'maintenance window',
    { PreferredMaintenanceWindow: 'mon:03:40-mon:04:10' },
    { PreferredMaintenanceWindow: 'tue:04:00-tue:04:30' },
  ],
  [
    'managed password',
    { MasterUserSecret: undefined },
    { ManageMasterUserPassword: true, MasterUserSecretKmsKeyId: 'secret-key' },
  ],
  ['role', { AssociatedRoles: [] }, { RoleArn: 'arn:role/export', FeatureName: 's3Export' }],
  ['minor version', { EngineVersion: '15.4' }, { EngineVersion: '15.18' }],
  ['autoscaling limit after a snapshot', { MaxAllocatedStorage: undefined }, { MaxAllocatedStorage: 900 }],
  ['open group', { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-shop' }] }, { VpcSecurityGroupIds: [OPS] }],
  [
    'parameters that wait for a reboot',
    { DBParameterGroups: [{ DBParameterGroupName: 'shop-15', ParameterApplyStatus: 'pending-reboot' }] },
    { DBInstanceIdentifier: 'copy' },
  ],
];
test.each(NOT_TAKEN)('%s: the second step gives what the restore cannot', async (_what, forgotten, call) => {
  expect(await stepFor(forgotten)).toMatchObject({ DBInstanceIdentifier: 'copy', ...call });
});

test('of every field that is passed or given by the second step it is played that the restore forgot it', () => {
  const played = [...FORGOTTEN, ...NOT_TAKEN].flatMap(([, forgotten]) => Object.keys(forgotten));
  const given = [...treatments].filter(([, { how }]) => how === 'passed' || how === 'second step');
  // Tags are not those of the source alone, and have a test of their own.
  expect(given.map(([field]) => field).filter((field) => !played.includes(field))).toEqual(['TagList']);
});

test('every change is made at once and not in the maintenance window, and the password last', async () => {
  expect(await stepFor({ MonitoringInterval: 0, MasterUserSecret: undefined })).toMatchObject({
    ...{ MonitoringInterval: 60, ApplyImmediately: true },
  });
  expect(await stepFor({ AssociatedRoles: [], MasterUserSecret: undefined })).toMatchObject({
    FeatureName: 's3Export',
  });
});

test('nothing is passed that RDS refuses: the performance of a small gp3, a zone beside a standby or without capacity', () => {
  const of = (changes: DBInstance, anyZone = false) =>
    restoreParameters(capture({ ...SOURCE, ...changes }), { opsGroup: OPS, tags: [], backupTags: [], anyZone });
  expect(of({ AllocatedStorage: 20, Iops: 3000, StorageThroughput: 125 })).toMatchObject({
    Iops: undefined,
    StorageThroughput: undefined,
  });
  expect(of({ StorageType: 'io2' })).toMatchObject({ Iops: 14_000, StorageThroughput: undefined });
  expect(of({ MultiAZ: true }).AvailabilityZone).toBeUndefined();
  expect(of({}, true).AvailabilityZone).toBeUndefined();
  expect(
    of({ DomainMemberships: [{ FQDN: 'ad.shop', OU: 'ou', AuthSecretArn: 'arn:s', DnsIps: ['10.0.0.1'] }] }),
  ).toMatchObject({
    ...{
      DomainFqdn: 'ad.shop',
      DomainOu: 'ou',
      DomainAuthSecretArn: 'arn:s',
      DomainDnsIps: ['10.0.0.1'],
    },
  });
});

test('a difference is explained where it can be: protection, a grown disk, a zone without capacity, a newer minor version', () => {
  const unprotected = capture({ ...SOURCE, DeletionProtection: false });
  expect(unexplained({}, unprotected)).toEqual([]);
  expect(unexplained({ AllocatedStorage: 600 })).toEqual([]);
  expect(unexplained({ EngineVersion: '15.19' })).toEqual([]);
  expect(unexplained({ EngineVersion: '16.2' })).toEqual(['EngineVersion']);
  const elsewhere = copyWith({ AvailabilityZone: 'eu-west-1a' });
  expect(compareSettings(source, elsewhere, { ...given, anyZone: true }).unexplained).toEqual([]);
  expect(compareSettings({ ...source, MultiAZ: true }, { ...elsewhere, MultiAZ: true }, given).unexplained).toEqual([]);
});

test('a field that nobody has thought of counts, and so does a copy that others get into even if the source had the group too', () => {
  const { unexplained: left } = compareSettings({ ...source, NewSetting: 1 }, capture(COPY), given);
  expect(left.map(({ field }) => field)).toEqual(['NewSetting']);
  const open = { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-shop', Status: 'active' }] };
  expect(unexplained(open)).toEqual(['VpcSecurityGroups']);
});
