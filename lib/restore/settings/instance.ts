import type { DBInstance } from '@aws-sdk/client-rds';
import * as z from 'zod/mini';

const text = z.optional(z.string());
const count = z.optional(z.number());
const flag = z.optional(z.boolean());

const domain = z.looseObject({
  ...{ Domain: text, Status: text, FQDN: text, IAMRoleName: text, OU: text, AuthSecretArn: text },
  DnsIps: z.optional(z.array(z.string())),
});

const names = z.optional(z.array(z.string()));

/**
 * A DBInstance as JSON keeps it, with dates as text. Every field is kept; those that some decision reads are typed.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html
 */
export const capturedInstance = z.looseObject({
  DBInstanceIdentifier: z.string(),
  DBInstanceArn: z.string(),
  DbiResourceId: z.string(),
  DBInstanceStatus: z.string(),
  InstanceCreateTime: text,
  LatestRestorableTime: text,
  ...{ DBInstanceClass: text, Engine: text, EngineVersion: text, DBName: text, MasterUsername: text },
  ...{ AllocatedStorage: count, MaxAllocatedStorage: count, StorageType: text, Iops: count, StorageThroughput: count },
  ...{ DedicatedLogVolume: flag, StorageEncrypted: flag, KmsKeyId: text },
  ...{ MultiAZ: flag, AvailabilityZone: text, NetworkType: text, PubliclyAccessible: flag },
  ...{ CustomerOwnedIpEnabled: flag, BackupTarget: text, DBCapacityReservationIdentifier: text },
  ...{ CustomIamInstanceProfile: text, DBClusterIdentifier: text, IAMDatabaseAuthenticationEnabled: flag },
  ...{ AutoMinorVersionUpgrade: flag, EngineLifecycleSupport: text, CACertificateIdentifier: text },
  ...{ BackupRetentionPeriod: count, PreferredBackupWindow: text, PreferredMaintenanceWindow: text },
  ...{ CopyTagsToSnapshot: flag, DeletionProtection: flag, EnabledCloudwatchLogsExports: names },
  ...{ MonitoringInterval: count, MonitoringRoleArn: text, DatabaseInsightsMode: text },
  ...{ PerformanceInsightsEnabled: flag, PerformanceInsightsKMSKeyId: text, PerformanceInsightsRetentionPeriod: count },
  ...{ ReadReplicaSourceDBInstanceIdentifier: text, ReadReplicaSourceDBClusterIdentifier: text },
  ...{ ReadReplicaDBInstanceIdentifiers: names, ReadReplicaDBClusterIdentifiers: names },
  ...{ ActivityStreamStatus: text, AwsBackupRecoveryPointArn: text },
  ...{ StorageOperationStatus: text, StorageOperationPercentProgress: count },
  Endpoint: z.optional(z.looseObject({ Address: text, Port: count })),
  DBSubnetGroup: z.optional(z.looseObject({ DBSubnetGroupName: text })),
  VpcSecurityGroups: z.optional(z.array(z.looseObject({ VpcSecurityGroupId: text, Status: text }))),
  DBParameterGroups: z.optional(z.array(z.looseObject({ DBParameterGroupName: text, ParameterApplyStatus: text }))),
  OptionGroupMemberships: z.optional(z.array(z.looseObject({ OptionGroupName: text, Status: text }))),
  DomainMemberships: z.optional(z.array(domain)),
  ProcessorFeatures: z.optional(z.array(z.looseObject({ Name: text, Value: text }))),
  AssociatedRoles: z.optional(z.array(z.looseObject({ RoleArn: text, FeatureName: text, Status: text }))),
  CertificateDetails: z.optional(z.looseObject({ CAIdentifier: text })),
  MasterUserSecret: z.optional(z.looseObject({ SecretArn: text, SecretStatus: text, KmsKeyId: text })),
  DBInstanceAutomatedBackupsReplications: z.optional(z.array(z.looseObject({ DBInstanceAutomatedBackupsArn: text }))),
  PendingModifiedValues: z.optional(z.record(z.string(), z.unknown())),
  TagList: z.optional(z.array(z.looseObject({ Key: text, Value: text }))),
});

export type CapturedInstance = z.infer<typeof capturedInstance>;

/** All that RDS says of the instance, in the form in which it is kept. */
export function capture(instance: DBInstance): CapturedInstance {
  return capturedInstance.parse(JSON.parse(JSON.stringify(instance)));
}

export function tagOf({ TagList }: Pick<CapturedInstance, 'TagList'>, key: string): string | null {
  return TagList?.find(({ Key }) => Key === key)?.Value ?? null;
}

export function groupsOf({ VpcSecurityGroups = [] }: Pick<CapturedInstance, 'VpcSecurityGroups'>): string[] {
  const present = VpcSecurityGroups.filter(({ Status }) => Status !== 'removing');
  return present.flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []).toSorted();
}
