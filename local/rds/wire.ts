import { arn, type Context, keyArn } from './context.ts';
import type { Instance } from './instance.ts';
import { STRIPED, zonesOf } from './rules.ts';
import type { Settings, SomeSettings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { automatedBackups } from './work/back-up.ts';

const VPC = 'vpc-00000000';
const ENGINE = { Engine: 'postgres', LicenseModel: 'postgresql-license' };

/** The DBInstance of RDS's replies: all that it says of an instance of PostgreSQL. */
export function describeInstance(context: Context, instance: Instance): Record<string, unknown> {
  const { hosts, installation, now } = context;
  const { identifier, settings, due, waiting, hydration } = instance;
  const port = hosts.port(instance);
  const password = due.masterVerifier ?? waiting.masterVerifier;
  return {
    DBInstanceIdentifier: identifier,
    DBInstanceArn: arn(context, 'db', identifier),
    DbiResourceId: instance.resourceId,
    DBInstanceStatus: instance.status,
    ...ENGINE,
    EngineVersion: installation.version,
    MasterUsername: instance.masterUsername,
    DBName: instance.database,
    Endpoint: port === null ? undefined : { Address: '127.0.0.1', Port: port, HostedZoneId: 'LOCAL' },
    DbInstancePort: 0,
    InstanceCreateTime: instance.createdAt,
    LatestRestorableTime: settings.BackupRetentionPeriod > 0 ? instance.latestRestorableTime : undefined,
    ...flat(settings),
    ...storage(settings),
    ...(hydration === null ? {} : storageOperation(hydration, now())),
    SecondaryAvailabilityZone: settings.MultiAZ
      ? zonesOf(context).find((zone) => zone !== settings.AvailabilityZone)
      : undefined,
    KmsKeyId: settings.StorageEncrypted ? (settings.KmsKeyId ?? keyArn(context, 'rds')) : undefined,
    StorageEncryptionType: settings.StorageEncrypted ? 'sse-kms' : 'none',
    PerformanceInsightsKMSKeyId: settings.EnablePerformanceInsights
      ? (settings.PerformanceInsightsKMSKeyId ?? keyArn(context, 'rds'))
      : undefined,
    EnhancedMonitoringResourceArn:
      settings.MonitoringInterval > 0
        ? `arn:aws:logs:${context.region}:${context.account}:log-group:RDSOSMetrics:log-stream:${instance.resourceId}`
        : undefined,
    CertificateDetails: { CAIdentifier: settings.CACertificateIdentifier, ValidTill: CERTIFICATE_ENDS },
    VpcSecurityGroups: {
      VpcSecurityGroupMembership: instance.securityGroups.map(({ id, status }) => ({
        VpcSecurityGroupId: id,
        Status: status,
      })),
    },
    DBParameterGroups: { DBParameterGroup: [parameterGroup(instance)] },
    OptionGroupMemberships: {
      OptionGroupMembership: [{ OptionGroupName: settings.OptionGroupName, Status: 'in-sync' }],
    },
    DBSubnetGroup: subnetGroup(context, settings.DBSubnetGroupName),
    EnabledCloudwatchLogsExports: { member: settings.EnableCloudwatchLogsExports },
    AssociatedRoles: {
      DBInstanceRole: instance.roles.map(({ arn: RoleArn, feature: FeatureName, status: Status }) => ({
        ...{ RoleArn, FeatureName, Status },
      })),
    },
    MasterUserSecret: instance.masterSecret
      ? {
          SecretArn: instance.masterSecret.arn,
          SecretStatus: instance.masterSecret.status,
          KmsKeyId: instance.masterSecret.kmsKeyId,
        }
      : undefined,
    PendingModifiedValues: {
      DBInstanceIdentifier: due.identifier ?? waiting.identifier,
      MasterUserPassword: password === null ? undefined : '****',
      ...flat({ ...waiting.settings, ...due.settings }),
    },
    TagList: { Tag: instance.tags },
    ...ALWAYS,
  };
}

/** What is the same for every instance that this service makes. */
const ALWAYS = {
  BackupTarget: 'region',
  DBSecurityGroups: {},
  DomainMemberships: {},
  ReadReplicaDBInstanceIdentifiers: {},
  ActivityStreamStatus: 'stopped',
  CustomerOwnedIpEnabled: false,
  IsStorageConfigUpgradeAvailable: false,
  MultiTenant: false,
  UpgradeRolloutOrder: 'second',
};
const CERTIFICATE_ENDS = '2061-05-25T22:34:57Z';

/** What gp3 gives without being asked (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html). */
function storage({ StorageType, AllocatedStorage, Iops, StorageThroughput }: Settings): Record<string, unknown> {
  if (StorageType !== 'gp3') return {};
  const base = AllocatedStorage < STRIPED ? { iops: 3000, throughput: 125 } : { iops: 12_000, throughput: 500 };
  return { Iops: Iops ?? base.iops, StorageThroughput: StorageThroughput ?? base.throughput };
}

/** There only while it goes on. */
function storageOperation({ from, until }: { from: string; until: string }, now: Date): Record<string, unknown> {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (now.getTime() >= end) return {};
  const done = Math.max(0, Math.floor((100 * (now.getTime() - start)) / (end - start)));
  return { StorageOperationStatus: 'Initializing', StorageOperationPercentProgress: done };
}

function subnetGroup(context: Context, name: string): Record<string, unknown> {
  return {
    DBSubnetGroupName: name,
    DBSubnetGroupDescription: name,
    VpcId: VPC,
    SubnetGroupStatus: 'Complete',
    Subnets: {
      Subnet: zonesOf(context).map((Name, index) => ({
        SubnetIdentifier: `subnet-0000000000000000${index + 1}`,
        SubnetAvailabilityZone: { Name },
        SubnetStatus: 'Active',
      })),
    },
  };
}

/** Settings under the names that they have in descriptions, but for those that are shown in structures. */
function flat(settings: SomeSettings): Record<string, unknown> {
  const {
    EnableIAMDatabaseAuthentication: IAMDatabaseAuthenticationEnabled,
    EnablePerformanceInsights: PerformanceInsightsEnabled,
    EnableCloudwatchLogsExports: _exports,
    OptionGroupName: _options,
    DBSubnetGroupName: _subnets,
    ...same
  } = settings;
  return { ...same, IAMDatabaseAuthenticationEnabled, PerformanceInsightsEnabled };
}

function parameterGroup({ parameterGroup: { name, inForce } }: Instance): Record<string, string> {
  return { DBParameterGroupName: name, ParameterApplyStatus: name === inForce ? 'in-sync' : 'pending-reboot' };
}

/** The DBSnapshot of RDS's replies. */
export function describeSnapshot(context: Context, snapshot: Snapshot): Record<string, unknown> {
  const { instance, status } = snapshot;
  const { settings } = instance;
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: arn(context, 'snapshot', snapshot.identifier),
    SnapshotType: snapshot.type,
    Status: status,
    PercentProgress: status === 'available' ? 100 : 0,
    SnapshotCreateTime: snapshot.createdAt,
    OriginalSnapshotCreateTime: snapshot.createdAt,
    SnapshotDatabaseTime: snapshot.databaseTime,
    SnapshotTarget: 'region',
    ...source(context, snapshot),
    BackupRetentionPeriod: settings.BackupRetentionPeriod,
    PreferredBackupWindow: settings.PreferredBackupWindow,
    TagList: { Tag: snapshot.tags },
  };
}

/** The DBInstanceAutomatedBackup of RDS's replies. */
export function describeAutomatedBackup(context: Context, instance: Instance): Record<string, unknown> {
  const { identifier, settings, resourceId } = instance;
  const window = restoreWindow(context, instance);
  return {
    DBInstanceArn: arn(context, 'db', identifier),
    DBInstanceAutomatedBackupsArn: automatedBackupArn(context, instance),
    Region: context.region,
    Status: instance.status === 'retained' ? 'retained' : window ? 'active' : 'creating',
    RestoreWindow: window ? { EarliestTime: window.earliest, LatestTime: window.latest } : undefined,
    ...source(context, { instance: { ...instance, port: context.hosts.port(instance) ?? 5432 } }),
    DbiResourceId: resourceId,
    BackupRetentionPeriod: settings.BackupRetentionPeriod,
    PreferredBackupWindow: settings.PreferredBackupWindow,
    BackupTarget: 'region',
    TagList: { Tag: instance.backupTags },
  };
}

export function automatedBackupArn(context: Context, { resourceId }: Instance): string {
  return arn(context, 'auto-backup', `ab-${resourceId.replace(/^db-/, '').toLowerCase()}`);
}

/** Between which times the instance can be restored; null when it cannot be yet. */
export function restoreWindow(
  context: Pick<Context, 'inventory'>,
  { resourceId, latestRestorableTime }: Instance,
): { earliest: string; latest: string } | null {
  const earliest = automatedBackups(context, resourceId)[0]?.consistentAt;
  return earliest && latestRestorableTime ? { earliest, latest: latestRestorableTime } : null;
}

/** What the instance of a snapshot is called today, or was last. */
export function nameOf(
  { inventory }: Pick<Context, 'inventory'>,
  of: { resourceId: string; identifier: string },
): string {
  return inventory.findResource(of.resourceId)?.identifier ?? of.identifier;
}

function source(context: Context, { instance }: Pick<Snapshot, 'instance'>): Record<string, unknown> {
  const { settings } = instance;
  return {
    // Snapshots follow a renamed instance.
    DBInstanceIdentifier: nameOf(context, instance),
    DbiResourceId: instance.resourceId,
    InstanceCreateTime: instance.createdAt,
    MasterUsername: instance.masterUsername,
    Port: instance.port,
    ...ENGINE,
    EngineVersion: context.installation.version,
    VpcId: VPC,
    AvailabilityZone: settings.AvailabilityZone,
    AllocatedStorage: settings.AllocatedStorage,
    Iops: settings.Iops,
    StorageThroughput: settings.StorageThroughput,
    StorageType: settings.StorageType,
    ...storage(settings),
    Encrypted: settings.StorageEncrypted,
    KmsKeyId: settings.KmsKeyId,
    OptionGroupName: settings.OptionGroupName,
    IAMDatabaseAuthenticationEnabled: settings.EnableIAMDatabaseAuthentication,
    DedicatedLogVolume: settings.DedicatedLogVolume,
  };
}
