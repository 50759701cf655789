import type {
  RestoreDBInstanceFromDBSnapshotCommandInput,
  RestoreDBInstanceToPointInTimeCommandInput,
  Tag,
} from '@aws-sdk/client-rds';
import type { CapturedInstance } from './instance.ts';

/** What both restore calls take of the settings. */
type Parameters = Omit<
  RestoreDBInstanceToPointInTimeCommandInput & RestoreDBInstanceFromDBSnapshotCommandInput,
  'TargetDBInstanceIdentifier' | 'DBInstanceIdentifier'
>;

/** From this size on, in GiB, the performance of gp3 may be chosen; below, naming even its own is refused. */
const GP3_CHOICE = 400;

/**
 * Every parameter of the two restore calls that an instance of PostgreSQL has a value for. Where one is left out RDS takes a
 * default and not the source's value, nearly always.
 *
 * Left out are those whose default is the source's and for which PostgreSQL's own value is not a valid one (Engine,
 * LicenseModel, DBName), and those of other engines.
 *
 * @param given.anyZone when the zone of the source has no capacity
 */
export function restoreParameters(
  source: CapturedInstance,
  given: { opsGroup: string; tags: Tag[]; backupTags: Tag[]; anyZone: boolean },
): Parameters {
  return {
    DBInstanceClass: source.DBInstanceClass,
    Port: source.Endpoint?.Port,
    ...storage(source),
    ...place(source, given.anyZone),
    VpcSecurityGroupIds: [given.opsGroup],
    DBParameterGroupName: source.DBParameterGroups?.[0]?.DBParameterGroupName,
    OptionGroupName: source.OptionGroupMemberships?.[0]?.OptionGroupName,
    CACertificateIdentifier: source.CACertificateIdentifier,
    EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
    AutoMinorVersionUpgrade: source.AutoMinorVersionUpgrade,
    EngineLifecycleSupport: source.EngineLifecycleSupport,
    BackupRetentionPeriod: source.BackupRetentionPeriod,
    PreferredBackupWindow: source.PreferredBackupWindow,
    CopyTagsToSnapshot: source.CopyTagsToSnapshot,
    DeletionProtection: true,
    ...logs(source),
    ProcessorFeatures: features(source),
    ...domain(source),
    Tags: given.tags,
    TagSpecifications:
      given.backupTags.length === 0 ? undefined : [{ ResourceType: 'auto-backup', Tags: given.backupTags }],
  };
}

/** The limit of autoscaling, which the restore to a point in time takes and that of a snapshot does not. */
export function autoscaling({ MaxAllocatedStorage }: CapturedInstance): { MaxAllocatedStorage?: number } {
  return MaxAllocatedStorage === undefined ? {} : { MaxAllocatedStorage };
}

/** An empty list is no word that is sure to arrive: without one, what the copy exports is seen and mended afterwards. */
function logs({ EnabledCloudwatchLogsExports: exported = [] }: CapturedInstance) {
  return exported.length === 0 ? {} : { EnableCloudwatchLogsExports: exported };
}

function storage(source: CapturedInstance) {
  const { StorageType, AllocatedStorage, Iops, StorageThroughput, DedicatedLogVolume } = source;
  const isGp3 = StorageType === 'gp3';
  const mayChoose = StorageType?.startsWith('io') || (isGp3 && (AllocatedStorage ?? 0) >= GP3_CHOICE);
  return {
    ...{ StorageType, AllocatedStorage, DedicatedLogVolume },
    Iops: mayChoose ? Iops : undefined,
    StorageThroughput: mayChoose && isGp3 ? StorageThroughput : undefined,
  };
}

function place(source: CapturedInstance, anyZone: boolean) {
  const { MultiAZ, AvailabilityZone, NetworkType, PubliclyAccessible, BackupTarget } = source;
  return {
    ...{ MultiAZ, NetworkType, PubliclyAccessible, BackupTarget },
    // Naming a zone is not allowed together with a standby.
    AvailabilityZone: MultiAZ || anyZone ? undefined : AvailabilityZone,
    DBSubnetGroupName: source.DBSubnetGroup?.DBSubnetGroupName,
    EnableCustomerOwnedIp: source.CustomerOwnedIpEnabled,
    DBCapacityReservationIdentifier: source.DBCapacityReservationIdentifier,
    CustomIamInstanceProfile: source.CustomIamInstanceProfile,
  };
}

function features({ ProcessorFeatures = [] }: CapturedInstance) {
  if (ProcessorFeatures.length === 0) return undefined;
  return ProcessorFeatures.map(({ Name, Value }) => ({ Name, Value }));
}

/** A domain of AWS's own directory service, or one that the team runs itself, which is named in other parameters. */
function domain({ DomainMemberships: [joined] = [] }: CapturedInstance) {
  if (!joined) return {};
  const { Domain, IAMRoleName, FQDN, OU, AuthSecretArn, DnsIps } = joined;
  if (!AuthSecretArn) return { Domain, DomainIAMRoleName: IAMRoleName };
  return { DomainFqdn: FQDN, DomainOu: OU, DomainAuthSecretArn: AuthSecretArn, DomainDnsIps: DnsIps };
}
