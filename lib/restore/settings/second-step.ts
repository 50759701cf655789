import {
  AddRoleToDBInstanceCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  type RDSClient,
  RebootDBInstanceCommand,
} from '@aws-sdk/client-rds';
import { type CapturedInstance, groupsOf } from './instance.ts';
import { shown } from './shown.ts';
import { isOlderMinor } from './version.ts';

/** One call that brings the copy nearer to its source. */
export type Step = { name: string; take: (rds: RDSClient, identifier: string) => Promise<unknown> };

type Changes = Omit<ModifyDBInstanceCommandInput, 'DBInstanceIdentifier' | 'ApplyImmediately'>;

/** What belongs together in one call, and what the call says. RDS refuses the parts alone, or takes them apart for two changes. */
type Part = { name: string; fields: string[]; changes: (source: CapturedInstance, copy: CapturedInstance) => Changes };

const single = (name: string, field: string, changes: (source: CapturedInstance) => Changes): Part => ({
  ...{ name, changes },
  fields: [field],
});

/** In the order in which they are made. The password comes last: from then on only the new secret opens the copy. */
const PARTS: Part[] = [
  single('engine version', 'EngineVersion', ({ EngineVersion }) => ({ EngineVersion })),
  {
    name: 'enhanced monitoring',
    fields: ['MonitoringInterval', 'MonitoringRoleArn'],
    changes: ({ MonitoringInterval = 0, MonitoringRoleArn }) =>
      MonitoringInterval === 0 ? { MonitoringInterval } : { MonitoringInterval, MonitoringRoleArn },
  },
  {
    name: 'Performance Insights',
    fields: [
      ...['PerformanceInsightsEnabled', 'PerformanceInsightsKMSKeyId', 'PerformanceInsightsRetentionPeriod'],
      'DatabaseInsightsMode',
    ],
    changes: insights,
  },
  single('maintenance window', 'PreferredMaintenanceWindow', ({ PreferredMaintenanceWindow }) => ({
    PreferredMaintenanceWindow,
  })),
  // What the restore call is told as well: it may have been another version of us that made the call, or RDS that forgot.
  single('storage autoscaling', 'MaxAllocatedStorage', ({ MaxAllocatedStorage, AllocatedStorage }) => ({
    // The size itself as the limit turns it off.
    MaxAllocatedStorage: MaxAllocatedStorage ?? AllocatedStorage,
  })),
  single('backup retention', 'BackupRetentionPeriod', ({ BackupRetentionPeriod }) => ({ BackupRetentionPeriod })),
  single('backup window', 'PreferredBackupWindow', ({ PreferredBackupWindow }) => ({ PreferredBackupWindow })),
  single('tags of snapshots', 'CopyTagsToSnapshot', ({ CopyTagsToSnapshot }) => ({ CopyTagsToSnapshot })),
  single('minor upgrades', 'AutoMinorVersionUpgrade', ({ AutoMinorVersionUpgrade }) => ({ AutoMinorVersionUpgrade })),
  single('IAM authentication', 'IAMDatabaseAuthenticationEnabled', (source) => ({
    EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled,
  })),
  single('certificate authority', 'CACertificateIdentifier', ({ CACertificateIdentifier }) => ({
    CACertificateIdentifier,
  })),
  single('deletion protection', 'DeletionProtection', () => ({ DeletionProtection: true })),
  { name: 'log exports', fields: ['EnabledCloudwatchLogsExports'], changes: logExports },
  single('parameter group', 'DBParameterGroups', ({ DBParameterGroups }) => ({
    DBParameterGroupName: DBParameterGroups?.[0]?.DBParameterGroupName,
  })),
  single('option group', 'OptionGroupMemberships', ({ OptionGroupMemberships }) => ({
    OptionGroupName: OptionGroupMemberships?.[0]?.OptionGroupName,
  })),
];

/** The next call that the copy needs, or null when ModifyDBInstance can bring it no nearer. */
export function nextStep(source: CapturedInstance, copy: CapturedInstance, opsGroup: string): Step | null {
  if (groupsOf(copy).join() !== opsGroup) return modify('security group', { VpcSecurityGroupIds: [opsGroup] });
  const part = PARTS.find(({ fields }) => fields.some((field) => differs(field, source, copy)));
  if (part) return modify(part.name, part.changes(source, copy));
  if (copy.DBParameterGroups?.some(({ ParameterApplyStatus }) => ParameterApplyStatus === 'pending-reboot')) {
    return {
      name: 'reboot for the parameter group',
      take: (rds, DBInstanceIdentifier) => rds.send(new RebootDBInstanceCommand({ DBInstanceIdentifier })),
    };
  }
  return nextRole(source, copy) ?? managedPassword(source, copy);
}

function differs(field: string, source: CapturedInstance, copy: CapturedInstance): boolean {
  if (field === 'DeletionProtection') return copy.DeletionProtection !== true;
  // Another major version is no setting, and a newer minor one cannot be taken back.
  if (field === 'EngineVersion') return isOlderMinor(copy.EngineVersion, source.EngineVersion);
  return JSON.stringify(shown(field, source)) !== JSON.stringify(shown(field, copy));
}

function modify(name: string, changes: Changes): Step {
  return {
    name,
    take: (rds, DBInstanceIdentifier) =>
      rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier, ...changes, ApplyImmediately: true })),
  };
}

/** All of it in one call: RDS takes the advanced mode only from the call that turns on what it needs. */
function insights(source: CapturedInstance): Changes {
  if (!source.PerformanceInsightsEnabled) return { EnablePerformanceInsights: false, DatabaseInsightsMode: 'standard' };
  return {
    EnablePerformanceInsights: true,
    PerformanceInsightsKMSKeyId: source.PerformanceInsightsKMSKeyId,
    PerformanceInsightsRetentionPeriod: source.PerformanceInsightsRetentionPeriod,
    DatabaseInsightsMode: source.DatabaseInsightsMode === 'advanced' ? 'advanced' : 'standard',
  };
}

function logExports(source: CapturedInstance, copy: CapturedInstance): Changes {
  const [wanted, present] = [source.EnabledCloudwatchLogsExports ?? [], copy.EnabledCloudwatchLogsExports ?? []];
  const missing = wanted.filter((log) => !present.includes(log));
  const tooMany = present.filter((log) => !wanted.includes(log));
  return {
    CloudwatchLogsExportConfiguration: {
      ...(missing.length === 0 ? {} : { EnableLogTypes: missing }),
      ...(tooMany.length === 0 ? {} : { DisableLogTypes: tooMany }),
    },
  };
}

/** A feature has one role; one that is being added counts as there. */
function nextRole(source: CapturedInstance, copy: CapturedInstance): Step | null {
  const present = new Set(copy.AssociatedRoles?.map(({ FeatureName = '' }) => FeatureName));
  const missing = source.AssociatedRoles?.find(({ FeatureName = '' }) => !present.has(FeatureName));
  if (!missing?.RoleArn) return null;
  const { RoleArn, FeatureName = '' } = missing;
  return {
    name: `role for ${FeatureName}`,
    take: (rds, DBInstanceIdentifier) =>
      rds.send(new AddRoleToDBInstanceCommand({ DBInstanceIdentifier, RoleArn, FeatureName })),
  };
}

function managedPassword(source: CapturedInstance, copy: CapturedInstance): Step | null {
  if (!source.MasterUserSecret || copy.MasterUserSecret) return null;
  return modify('managed master password', {
    ManageMasterUserPassword: true,
    MasterUserSecretKmsKeyId: source.MasterUserSecret.KmsKeyId,
  });
}
