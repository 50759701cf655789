/** The commands of the runner that have to do with backups, each a Job of its own. */
export const BACKUP_COMMANDS = ['backup', 'verify', 'restore-dump'] as const;
export type BackupCommand = (typeof BACKUP_COMMANDS)[number];
