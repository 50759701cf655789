import type { Arguments } from '../arguments.ts';
import type { Option } from '../command.ts';
import { checkBackupId } from '../commands/drill.ts';
import { UsageError } from '../errors.ts';
import { RESTORE_OPTIONS } from './settings.ts';

/** Of a restore from a backup, which makes an instance and touches none that is there. */
export const BACKUP_OPTIONS: Record<string, Option> = {
  backup: { value: 'ID', help: 'from a backup in S3, into a new instance beside the database: --into NAME' },
  into: { value: 'NAME', help: 'the name of that instance, which begins with that of the database: carthub-db-audit' },
};

/**
 * The backup to restore and the name of the instance to make; null when the command line asks for another kind of restore.
 *
 * @throws UsageError
 */
export function readFromBackup(given: Arguments): { backup: string; into: string } | null {
  const [backup, into] = [given.text('backup'), given.text('into')];
  if (backup === null && into === null) return null;
  if (backup === null || into === null) {
    throw new UsageError(backup === null ? 'Which backup?' : 'Into what?', {
      remedy: 'Name both: carthub-db restore --backup ID --into NAME',
    });
  }
  const other = Object.keys(RESTORE_OPTIONS).find((name) => given.text(name) !== null);
  if (other !== undefined) {
    throw new UsageError(`--${other} is not for a restore from a backup.`, {
      remedy: `Leave it out: a new instance is made, and the one that serves is not touched.`,
    });
  }
  if (!/^[a-z](?:-?[a-z0-9])*$/.test(into) || into.length > 60) {
    throw new UsageError(`"${into}" is no name of an instance.`, {
      remedy: 'It has small letters, digits and single - only, and 60 of them at most.',
    });
  }
  return { backup: checkBackupId(backup), into };
}
