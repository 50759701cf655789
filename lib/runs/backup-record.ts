import { type MadeBackup, readMadeBackup } from '../backups/made-backup.ts';
import { backupVerdict } from '../backups/verdict.ts';
import { type Documents, readIfReadable } from '../documents/documents.ts';
import { faultOf } from './cause.ts';
import { notRead } from './evidence.ts';
import type { FinalState } from './final-state.ts';
import { firstError } from './first-error.ts';
import { keys } from './keys.ts';
import type { BackupOutcome } from './outcome.ts';
import type { OutcomeRecord } from './record.ts';

/** What only the record of a backup says; the rest of it is as of a run that touched no database. */
type BackupRecord = Pick<OutcomeRecord, 'outcome' | 'version' | 'backup' | 'error' | 'notes'>;

/**
 * How a backup execution ended. What is in S3 decides, whatever went wrong on the way: a Job that died after its last word has
 * made its backup, and one that ended well without a manifest has made none.
 */
export async function tellBackup(documents: Documents, { run, error, retention }: FinalState): Promise<BackupRecord> {
  const [there, said, read] = await Promise.all([
    readMadeBackup(documents, run.backup?.id ?? run.id),
    readIfReadable(documents, keys.jobVerdict(run.id, 'backup'), backupVerdict),
    readIfReadable(documents, keys.jobVerdict(run.id, 'verify'), backupVerdict),
  ]);
  const { backup, findings, unreadable } = there;
  const told = [read.value, said.value].find((verdict) => verdict?.error) ?? null;
  const outcome = nameBackup(backup);
  return {
    outcome,
    version: { before: backup?.version ?? null, after: backup?.version ?? null },
    backup,
    error: outcome === 'BackedUp' ? null : firstError(told, error === null ? null : faultOf(error)),
    notes: [
      ...(backup !== null && backup.by !== run.id ? [`The run ${backup.by} has made it.`] : []),
      ...[...unreadable, said.unreadable, read.unreadable].flatMap((why) => (why === null ? [] : [notRead(why)])),
      ...findings.slice(0, MOST_FINDINGS),
      ...(retention === null ? [] : [`What had expired was not removed: ${faultOf(retention).message}`]),
    ],
  };
}

const MOST_FINDINGS = 20;

function nameBackup(backup: MadeBackup | null): Exclude<BackupOutcome, 'Refused'> {
  if (backup === null) return 'FailedBackup';
  return backup.verified?.result === 'verified' ? 'BackedUp' : 'FailedVerification';
}
