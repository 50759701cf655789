import { ACCOUNT } from '../account.ts';
import type { Membership } from '../network/network.ts';
import type { Master } from './secret.ts';

/** The groups that are there besides the default ones. */
export const GROUPS = {
  parameterGroups: { 'carthub-postgres15': { log_min_duration_statement: '1000' } },
  optionGroups: ['carthub-postgres-15'],
  subnetGroups: ['carthub'],
};

/**
 * The CreateDBInstance of the database's instance. Every setting that a restore forgets has another value than the default,
 * so that what forgets one is seen here.
 */
export function instanceInput(identifier: string, master: Master, { groups }: Membership): Record<string, unknown> {
  const serving = groups.find(({ logicalId }) => logicalId === 'ApplicationSecurityGroup')?.id;
  return {
    DBInstanceIdentifier: identifier,
    DBInstanceClass: 'db.m7g.large',
    Engine: 'postgres',
    EngineVersion: '15.18',
    DBName: master.dbname,
    MasterUsername: master.username,
    MasterUserPassword: master.password,
    AllocatedStorage: '20',
    MaxAllocatedStorage: '100',
    StorageEncrypted: 'true',
    MultiAZ: 'true',
    DBSubnetGroupName: 'carthub',
    DBParameterGroupName: 'carthub-postgres15',
    OptionGroupName: 'carthub-postgres-15',
    ...(serving === undefined ? {} : { VpcSecurityGroupIds: [serving] }),
    EnableIAMDatabaseAuthentication: 'true',
    AutoMinorVersionUpgrade: 'false',
    CACertificateIdentifier: 'rds-ca-ecc384-g1',
    EngineLifecycleSupport: 'open-source-rds-extended-support-disabled',
    BackupRetentionPeriod: '7',
    PreferredBackupWindow: '02:00-02:30',
    PreferredMaintenanceWindow: 'tue:04:00-tue:04:30',
    CopyTagsToSnapshot: 'true',
    DeletionProtection: 'true',
    EnableCloudwatchLogsExports: ['postgresql', 'upgrade'],
    MonitoringInterval: '60',
    MonitoringRoleArn: `arn:aws:iam::${ACCOUNT}:role/rds-monitoring`,
    EnablePerformanceInsights: 'true',
    PerformanceInsightsRetentionPeriod: '465',
    DatabaseInsightsMode: 'advanced',
    Tags: [{ Key: 'carthub-db:database', Value: master.dbname }],
    TagSpecifications: [{ ResourceType: 'auto-backup', Tags: [{ Key: 'team', Value: 'carts' }] }],
  };
}
