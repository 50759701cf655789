import { arn, type Context } from './context.ts';
import type { Instance } from './instance.ts';
import type { SomeSettings } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { automatedBackups } from './work/back-up.ts';

const VPC = 'vpc-00000000';
const ENGINE = { Engine: 'postgres', LicenseModel: 'postgresql-license' };

/** The DBInstance of RDS's replies. */
export function describeInstance(context: Context, instance: Instance): Record<string, unknown> {
  const { region, hosts, installation } = context;
  const { identifier, settings, due, waiting } = instance;
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
    InstanceCreateTime: instance.createdAt,
    LatestRestorableTime: settings.BackupRetentionPeriod > 0 ? instance.latestRestorableTime : undefined,
    ...flat(settings),
    AvailabilityZone: settings.AvailabilityZone ?? `${region}a`,
    KmsKeyId: settings.StorageEncrypted ? (settings.KmsKeyId ?? arn(context, 'key', 'aws-rds')) : undefined,
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
    DBSubnetGroup: { DBSubnetGroupName: settings.DBSubnetGroupName, VpcId: VPC, SubnetGroupStatus: 'Complete' },
    EnabledCloudwatchLogsExports: { member: settings.EnableCloudwatchLogsExports },
    PendingModifiedValues: {
      DBInstanceIdentifier: due.identifier ?? waiting.identifier,
      MasterUserPassword: password === null ? undefined : '****',
      ...flat({ ...waiting.settings, ...due.settings }),
    },
    TagList: { Tag: instance.tags },
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
    TagList: { Tag: instance.tags },
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

function source(context: Context, { instance }: Pick<Snapshot, 'instance'>): Record<string, unknown> {
  const { settings } = instance;
  return {
    DBInstanceIdentifier: instance.identifier,
    DbiResourceId: instance.resourceId,
    InstanceCreateTime: instance.createdAt,
    MasterUsername: instance.masterUsername,
    Port: instance.port,
    ...ENGINE,
    EngineVersion: context.installation.version,
    VpcId: VPC,
    AvailabilityZone: settings.AvailabilityZone ?? `${context.region}a`,
    AllocatedStorage: settings.AllocatedStorage,
    StorageType: settings.StorageType,
    Iops: settings.Iops,
    StorageThroughput: settings.StorageThroughput,
    Encrypted: settings.StorageEncrypted,
    KmsKeyId: settings.KmsKeyId,
    OptionGroupName: settings.OptionGroupName,
    IAMDatabaseAuthenticationEnabled: settings.EnableIAMDatabaseAuthentication,
    DedicatedLogVolume: settings.DedicatedLogVolume,
  };
}
