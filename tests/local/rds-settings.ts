export const ROLE = { RoleArn: 'arn:aws:iam::000000000000:role/import', FeatureName: 's3Import' };
/** What the restore calls take, each other than its default. */
export const AT_RESTORE = {
  DBInstanceClass: 'db.r6g.large',
  AllocatedStorage: 400,
  MaxAllocatedStorage: 1000,
  StorageType: 'io2',
  Iops: 3000,
  DedicatedLogVolume: true,
  AvailabilityZone: 'eu-west-1b',
  DBSubnetGroupName: 'carthub',
  DBParameterGroupName: 'carthub-postgres15',
  OptionGroupName: 'carthub-postgres-15',
  VpcSecurityGroupIds: ['sg-app', 'sg-jobs'],
  PubliclyAccessible: true,
  NetworkType: 'IPV4',
  CACertificateIdentifier: 'rds-ca-ecc384-g1',
  EnableIAMDatabaseAuthentication: true,
  AutoMinorVersionUpgrade: false,
  EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
  BackupRetentionPeriod: 5,
  PreferredBackupWindow: '01:00-01:30',
  CopyTagsToSnapshot: true,
  DeletionProtection: true,
  EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
  Tags: [{ Key: 'team', Value: 'carts' }],
  TagSpecifications: [{ ResourceType: 'auto-backup', Tags: [{ Key: 'keep', Value: 'long' }] }],
};
/** What they do not take. */
export const AFTERWARDS = {
  PreferredMaintenanceWindow: 'tue:04:00-tue:04:30',
  MonitoringInterval: 60,
  MonitoringRoleArn: 'arn:aws:iam::000000000000:role/monitoring',
  EnablePerformanceInsights: true,
  PerformanceInsightsRetentionPeriod: 465,
  DatabaseInsightsMode: 'advanced' as const,
};
