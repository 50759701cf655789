import type { CreateDBInstanceCommandInput, Tag } from '@aws-sdk/client-rds';
import type { CapturedInstance } from '../restore/settings/instance.ts';

/**
 * A new instance that restores in the time that production's would: the same class, storage, parameters and encryption. What costs
 * and tells nothing is left out: no second zone, no backups of its own, no monitoring.
 *
 * RDS makes the master password and keeps it in a secret that goes with the instance: no input, output or log of ours has it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export function drillInstance(
  source: CapturedInstance,
  given: { identifier: string; group: string; tags: Tag[]; keep: boolean },
): CreateDBInstanceCommandInput {
  return {
    DBInstanceIdentifier: given.identifier,
    DBInstanceClass: source.DBInstanceClass,
    Engine: 'postgres',
    EngineVersion: source.EngineVersion,
    DBName: source.DBName ?? 'restored',
    MasterUsername: source.MasterUsername,
    ManageMasterUserPassword: true,
    ...storage(source),
    StorageEncrypted: source.StorageEncrypted,
    ...(source.StorageEncrypted ? { KmsKeyId: source.KmsKeyId } : {}),
    Port: source.Endpoint?.Port,
    MultiAZ: false,
    PubliclyAccessible: false,
    DBSubnetGroupName: source.DBSubnetGroup?.DBSubnetGroupName,
    VpcSecurityGroupIds: [given.group],
    DBParameterGroupName: source.DBParameterGroups?.[0]?.DBParameterGroupName,
    OptionGroupName: source.OptionGroupMemberships?.[0]?.OptionGroupName,
    CACertificateIdentifier: source.CACertificateIdentifier,
    EngineLifecycleSupport: source.EngineLifecycleSupport,
    AutoMinorVersionUpgrade: false,
    // Of an instance that is kept, from the start: turning it on later is an outage.
    BackupRetentionPeriod: given.keep ? source.BackupRetentionPeriod : 0,
    DeletionProtection: false,
    Tags: given.tags,
  };
}

/** From this size on, in GiB, the performance of gp3 may be chosen; below, naming even its own is refused. */
const GP3_CHOICE = 400;

function storage(source: CapturedInstance): Partial<CreateDBInstanceCommandInput> {
  const { AllocatedStorage = 20, MaxAllocatedStorage, StorageType, Iops, StorageThroughput } = source;
  const isChosen = StorageType !== 'gp3' || AllocatedStorage >= GP3_CHOICE;
  return {
    AllocatedStorage,
    StorageType,
    ...(MaxAllocatedStorage === undefined ? {} : { MaxAllocatedStorage }),
    ...(isChosen && Iops ? { Iops } : {}),
    ...(isChosen && StorageType === 'gp3' && StorageThroughput ? { StorageThroughput } : {}),
  };
}
