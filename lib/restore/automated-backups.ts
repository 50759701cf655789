import { DescribeDBInstanceAutomatedBackupsCommand, type RDSClient } from '@aws-sdk/client-rds';
import { inheritedTags, type Tag } from './settings/tags.ts';

/** The automated backups of one instance, which may be gone itself. */
export type AutomatedBackup = {
  resourceId: string;
  /** `active`; `creating` until the first one is complete; `retained` when the instance is gone. */
  status: string;
  /** Between which moments they lead; null while there is no such window. */
  earliest: string | null;
  latest: string | null;
  tags: Tag[];
};

/** Null where an instance keeps none. */
export async function readAutomatedBackup(rds: RDSClient, DbiResourceId: string): Promise<AutomatedBackup | null> {
  try {
    const command = new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId });
    const { DBInstanceAutomatedBackups: [found] = [] } = await rds.send(command);
    if (!found) return null;
    return {
      resourceId: DbiResourceId,
      status: found.Status ?? 'unknown',
      earliest: found.RestoreWindow?.EarliestTime?.toISOString() ?? null,
      latest: found.RestoreWindow?.LatestTime?.toISOString() ?? null,
      tags: inheritedTags(found.TagList ?? []),
    };
  } catch (error) {
    if (error instanceof Error && error.name.startsWith('DBInstanceAutomatedBackupNotFound')) return null;
    throw error;
  }
}
