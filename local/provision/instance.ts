import type { Master } from './secret.ts';

/** The CreateDBInstance of the database's instance: what the preflight of a migration asks for, and no more. */
export function instanceInput(identifier: string, master: Master): Record<string, unknown> {
  return {
    DBInstanceIdentifier: identifier,
    DBInstanceClass: 'db.t4g.micro',
    Engine: 'postgres',
    EngineVersion: '15.18',
    DBName: master.dbname,
    MasterUsername: master.username,
    MasterUserPassword: master.password,
    AllocatedStorage: '20',
    StorageEncrypted: 'true',
    BackupRetentionPeriod: '7',
    CopyTagsToSnapshot: 'true',
    DeletionProtection: 'true',
    Tags: [{ Key: 'carthub-db:database', Value: master.dbname }],
  };
}
