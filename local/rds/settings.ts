import * as z from 'zod/mini';

// Each reads its stored form and the strings of the Query protocol alike.
const text = z.string();
const flag = z.union([
  z.boolean(),
  z.pipe(
    z.enum(['true', 'false']),
    z.transform((word) => word === 'true'),
  ),
]);
const count = z.union([z.int(), z.pipe(z.string().check(z.regex(/^\d{1,9}$/)), z.transform(Number))]);
const list = z.union([
  z.array(z.string()),
  z.pipe(
    z.literal(''),
    z.transform((): string[] => []),
  ),
]);

/** The settings of an instance, by their names in CreateDBInstance. */
export const settings = z.object({
  DBInstanceClass: text,
  AllocatedStorage: count,
  MaxAllocatedStorage: z.nullable(count),
  StorageType: text,
  Iops: z.nullable(count),
  StorageThroughput: z.nullable(count),
  DedicatedLogVolume: flag,
  StorageEncrypted: flag,
  KmsKeyId: z.nullable(text),
  MultiAZ: flag,
  AvailabilityZone: z.nullable(text),
  DBSubnetGroupName: text,
  NetworkType: text,
  PubliclyAccessible: flag,
  CACertificateIdentifier: text,
  EnableIAMDatabaseAuthentication: flag,
  OptionGroupName: text,
  AutoMinorVersionUpgrade: flag,
  EngineLifecycleSupport: text,
  BackupRetentionPeriod: count,
  PreferredBackupWindow: text,
  CopyTagsToSnapshot: flag,
  DeletionProtection: flag,
  PreferredMaintenanceWindow: text,
  EnableCloudwatchLogsExports: list,
  MonitoringInterval: count,
  MonitoringRoleArn: z.nullable(text),
  EnablePerformanceInsights: flag,
  PerformanceInsightsKMSKeyId: z.nullable(text),
  PerformanceInsightsRetentionPeriod: z.nullable(count),
  DatabaseInsightsMode: text,
});
export type Settings = z.infer<typeof settings>;

/** As they are on a record, which an earlier version may have written without some of them. */
export const storedSettings = z.pipe(
  z.record(z.string(), z.unknown()),
  z.transform((record): Settings => settings.parse({ ...initialSettings, ...record })),
);

/** Some of the settings: what a call passes, or what waits to be applied. */
export const someSettings = z.partial(settings);
export type SomeSettings = z.infer<typeof someSettings>;

/** The settings with those of `changes` in place of their own. */
export function changed(base: Settings, changes: SomeSettings): Settings {
  return settings.parse({ ...base, ...changes });
}

export const settingNames = Object.keys(settings.shape);

/** What a new instance has where the call does not say otherwise. */
export const initialSettings: Settings = {
  DBInstanceClass: 'db.t4g.micro',
  AllocatedStorage: 20,
  MaxAllocatedStorage: null,
  StorageType: 'gp3',
  Iops: null,
  StorageThroughput: null,
  DedicatedLogVolume: false,
  StorageEncrypted: false,
  KmsKeyId: null,
  MultiAZ: false,
  AvailabilityZone: null,
  DBSubnetGroupName: 'default',
  NetworkType: 'IPV4',
  PubliclyAccessible: false,
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  EnableIAMDatabaseAuthentication: false,
  OptionGroupName: 'default:postgres-15',
  AutoMinorVersionUpgrade: true,
  EngineLifecycleSupport: 'open-source-rds-extended-support',
  BackupRetentionPeriod: 1,
  PreferredBackupWindow: '03:00-03:30',
  CopyTagsToSnapshot: false,
  DeletionProtection: false,
  PreferredMaintenanceWindow: 'sun:05:00-sun:05:30',
  EnableCloudwatchLogsExports: [],
  MonitoringInterval: 0,
  MonitoringRoleArn: null,
  EnablePerformanceInsights: false,
  PerformanceInsightsKMSKeyId: null,
  PerformanceInsightsRetentionPeriod: null,
  DatabaseInsightsMode: 'standard',
};

/**
 * What an instance restored from `source` has where the call does not say otherwise: nearly nothing of the source
 * (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html). Where RDS promises
 * neither, it is the default, and windows and zone are other ones, so that whoever relies on the source finds out here.
 */
export function restoredSettings(source: Settings): Settings {
  return {
    ...initialSettings,
    DBInstanceClass: source.DBInstanceClass,
    AllocatedStorage: source.AllocatedStorage,
    StorageEncrypted: source.StorageEncrypted,
    KmsKeyId: source.KmsKeyId,
    BackupRetentionPeriod: source.BackupRetentionPeriod,
    PreferredBackupWindow: otherThan(source.PreferredBackupWindow, ['04:41-05:11', '05:07-05:37']),
    PreferredMaintenanceWindow: otherThan(source.PreferredMaintenanceWindow, [
      ...['mon:03:40-mon:04:10', 'thu:02:13-thu:02:43'],
    ]),
  };
}

function otherThan(value: string, [first = '', second = '']: string[]): string {
  return value === first ? second : first;
}

/** The restore calls do not take these at all: they need a ModifyDBInstance afterwards, or stay the source's. */
const NOT_AT_RESTORE = [
  'StorageEncrypted',
  'KmsKeyId',
  'PreferredMaintenanceWindow',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'EnablePerformanceInsights',
  'PerformanceInsightsKMSKeyId',
  'PerformanceInsightsRetentionPeriod',
  'DatabaseInsightsMode',
];
export const settingsAtRestore = settingNames.filter((name) => !NOT_AT_RESTORE.includes(name));

/** ModifyDBInstance takes log exports in another form. */
const NEVER_MODIFIED = ['StorageEncrypted', 'KmsKeyId', 'AvailabilityZone', 'EnableCloudwatchLogsExports'];
export const modifiableSettings = settingNames.filter((name) => !NEVER_MODIFIED.includes(name));

/** Without ApplyImmediately these wait for the maintenance window, and so does a change of retention from or to 0. */
export const WAITING_SETTINGS = [
  'DBInstanceClass',
  'AllocatedStorage',
  'StorageType',
  'Iops',
  'StorageThroughput',
  'DedicatedLogVolume',
  'MultiAZ',
  'DBSubnetGroupName',
  'NetworkType',
  'CACertificateIdentifier',
  'EnableIAMDatabaseAuthentication',
];
