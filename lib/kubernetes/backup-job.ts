import type { BackupCommand } from '../backups/commands.ts';
import { type JobManifest, type JobOrder, jobManifest } from './job-manifest.ts';

/** The label by which network policies and people find the pods that make, read and restore backups. */
export const BACKUP_APP = 'database-backup';

/**
 * The Job of one command of a backup; `k8s/backup-job.yaml` shows it for people. Its name is `jobName(database, run, command)`. pg_dump
 * compresses on one core, and hashing and sending take part of another; less than two only make it take longer.
 */
export function backupJob({ command, ...options }: JobOrder & { command: BackupCommand }): JobManifest {
  const resources = { requests: { cpu: '500m', memory: '192Mi' }, limits: { cpu: '2', memory: '256Mi' } };
  return jobManifest({ app: BACKUP_APP, container: 'backup', command, resources }, options);
}
