import type { DBInstance } from '@aws-sdk/client-rds';

/**
 * How a field of an instance gets to its copy.
 *
 * `passed`: the restore call takes it. `second step`: only ModifyDBInstance or AddRoleToDBInstance does, afterwards.
 * `inherited`: the copy has it from the source by itself. `listed`: nobody can give it to the copy, so a difference is
 * told. `identity` and `state`: of each instance its own, or of a moment, and so no settings.
 */
export type Treatment = {
  how: 'passed' | 'second step' | 'inherited' | 'listed' | 'identity' | 'state';
  /** Why it is so, and for what may differ, why that is no fault. */
  why: string;
};

const passed = (why: string): Treatment => ({ how: 'passed', why });
const second = (why: string): Treatment => ({ how: 'second step', why });
const inherited = (why: string): Treatment => ({ how: 'inherited', why });
const listed = (why: string): Treatment => ({ how: 'listed', why });
const identity = (why: string): Treatment => ({ how: 'identity', why });
const state = (why: string): Treatment => ({ how: 'state', why });

const RENAMED = 'names change hands with the cutover';
const OTHER_ENGINE = 'not of PostgreSQL';
const CUSTOM = 'of RDS Custom only';
const AURORA = 'of Aurora and of clusters only';
const STREAM = 'a stream of activities is not of RDS for PostgreSQL; it would have to be started anew';
const HYDRATING = 'of a moment: how far the storage is';

/**
 * Every field of a DBInstance. The compiler holds it against the SDK's type, and a test against its schema, so that a new
 * field has to be thought of before it can be forgotten.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html
 */
const FIELDS: Record<keyof DBInstance, Treatment> = {
  DBInstanceIdentifier: identity(RENAMED),
  DBInstanceArn: identity(RENAMED),
  DbiResourceId: identity('what an instance is, whatever it is called'),
  DBSystemId: identity(OTHER_ENGINE),
  Endpoint: identity('the address goes with the name; the port is passed'),
  ListenerEndpoint: identity(OTHER_ENGINE),
  InstanceCreateTime: identity('when the copy was made'),
  EnhancedMonitoringResourceArn: identity('the log stream is called after the resource id'),
  ReadReplicaDBInstanceIdentifiers: listed('replicas stay with the old instance'),
  ReadReplicaDBClusterIdentifiers: listed('replicas stay with the old instance'),
  ReadReplicaSourceDBInstanceIdentifier: listed('a copy replicates from nobody'),
  ReadReplicaSourceDBClusterIdentifier: listed('a copy replicates from nobody'),
  ReplicaMode: listed('a copy is no replica'),
  AwsBackupRecoveryPointArn: listed('AWS Backup has to be told of the copy'),
  DBInstanceAutomatedBackupsReplications: listed('replication to another region has to be started there anew'),
  UpgradeRolloutOrder: listed("the organization's policy says it"),
  ActivityStreamStatus: listed(STREAM),
  ActivityStreamKmsKeyId: listed(STREAM),
  ActivityStreamKinesisStreamName: listed(STREAM),
  ActivityStreamMode: listed(STREAM),
  ActivityStreamEngineNativeAuditFieldsIncluded: listed(STREAM),
  ActivityStreamPolicyStatus: listed(STREAM),

  DBInstanceStatus: state('of a moment'),
  StatusInfos: state('of a moment'),
  PendingModifiedValues: state('waited for until it is empty'),
  LatestRestorableTime: state('of a moment'),
  AutomaticRestartTime: state('of a stopped instance'),
  PercentProgress: state(HYDRATING),
  StorageVolumeStatus: state(HYDRATING),
  StorageOperationStatus: state(HYDRATING),
  StorageOperationPercentProgress: state(HYDRATING),
  IsStorageConfigUpgradeAvailable: state('whether AWS offers an upgrade of the storage'),
  ResumeFullAutomationModeTime: state(CUSTOM),
  DbInstancePort: state('of clusters; 0 elsewhere'),
  SecondaryAvailabilityZone: state('RDS chooses where the standby is'),

  DBInstanceClass: passed('partly the source’s when left out'),
  AllocatedStorage: passed(
    'the size at that moment when left out; it may have grown since, and may grow again by itself',
  ),
  MaxAllocatedStorage: passed('autoscaling is off when left out; the call for snapshots does not take it'),
  StorageType: passed('gp3 when left out, or io1 with Iops'),
  Iops: passed('the default of the storage type when left out'),
  StorageThroughput: passed('the default of the storage type when left out'),
  DedicatedLogVolume: passed('none when left out'),
  MultiAZ: passed('one zone when left out'),
  AvailabilityZone: passed(
    'any when left out; with a standby RDS chooses, and so it does when the zone has no capacity',
  ),
  DBSubnetGroup: passed('the default group when left out'),
  VpcSecurityGroups: passed('closed to all but the functions until the application is admitted'),
  DBParameterGroups: passed('the engine’s default when left out; passing it spares a reboot'),
  OptionGroupMemberships: passed('the default when left out'),
  NetworkType: passed('IPV4 when left out'),
  PubliclyAccessible: passed('depends on the subnets when left out'),
  CustomerOwnedIpEnabled: passed('of Outposts; no when left out'),
  BackupTarget: passed('the region when left out'),
  DBCapacityReservationIdentifier: passed('none when left out'),
  CustomIamInstanceProfile: passed(CUSTOM),
  CACertificateIdentifier: passed('the default authority when left out'),
  CertificateDetails: passed('the authority is passed; until when the certificate holds is the copy’s own'),
  IAMDatabaseAuthenticationEnabled: passed('off when left out'),
  AutoMinorVersionUpgrade: passed('on when left out'),
  EngineLifecycleSupport: passed('enrolled in Extended Support, which costs, when left out'),
  BackupRetentionPeriod: passed('said to be the source’s when left out'),
  PreferredBackupWindow: passed('a random half hour when left out'),
  CopyTagsToSnapshot: passed('off when left out'),
  DeletionProtection: passed('off when left out; on for every copy, also where the source had none'),
  EnabledCloudwatchLogsExports: passed('none when left out'),
  ProcessorFeatures: passed('those of the class when left out'),
  DomainMemberships: passed('no domain when left out'),
  TagList: passed('none when left out; tags of AWS’s own cannot be given, and the copy has our own ones'),

  EngineVersion: second('that of the moment; an upgrade since then is made again'),
  MonitoringInterval: second('0 after a restore'),
  MonitoringRoleArn: second('none after a restore'),
  PerformanceInsightsEnabled: second('off after a restore'),
  PerformanceInsightsKMSKeyId: second('none after a restore'),
  PerformanceInsightsRetentionPeriod: second('none after a restore'),
  DatabaseInsightsMode: second('standard after a restore'),
  PreferredMaintenanceWindow: second('a random one after a restore'),
  AssociatedRoles: second('none after a restore'),
  MasterUserSecret: second('not managed after a restore; the secret is a new one with another ARN'),

  Engine: inherited('a restore keeps it'),
  MasterUsername: inherited('a restore keeps it'),
  DBName: inherited('a restore keeps it'),
  LicenseModel: inherited('PostgreSQL has one'),
  StorageEncrypted: inherited('there is no parameter'),
  StorageEncryptionType: inherited('there is no parameter'),
  KmsKeyId: inherited('there is no parameter: the key is the source’s'),
  MultiTenant: inherited(OTHER_ENGINE),
  CharacterSetName: inherited(OTHER_ENGINE),
  NcharCharacterSetName: inherited(OTHER_ENGINE),
  Timezone: inherited(OTHER_ENGINE),
  TdeCredentialArn: inherited(OTHER_ENGINE),
  AdditionalStorageVolumes: inherited(OTHER_ENGINE),
  DBSecurityGroups: inherited('of EC2-Classic, which is no more'),
  DBClusterIdentifier: inherited(AURORA),
  PromotionTier: inherited(AURORA),
  AutomationMode: inherited(CUSTOM),
};

export const treatments: ReadonlyMap<string, Treatment> = new Map(Object.entries(FIELDS));
