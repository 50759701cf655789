import * as z from 'zod/mini';
import { BACKUP_COMMANDS } from '../../lib/backups/commands.ts';
import { BackupPreemptedError } from '../../lib/backups/errors.ts';
import { holdsLease } from '../../lib/lease/holds.ts';
import { documents } from './documents.ts';

/** Which Job of which run is meant. `holder` is null for work that needs no lease, such as reading a backup. */
export const backupJobInput = {
  run: z.object({ id: z.string(), database: z.string() }),
  holder: z.nullable(z.object({ execution: z.string() })),
  command: z.enum(BACKUP_COMMANDS),
};

/** @throws BackupPreemptedError when a restore has taken the database over */
export async function checkLease(given: { run: { database: string }; holder: { execution: string } | null }) {
  const { run, holder } = given;
  if (holder === null || (await holdsLease(documents, run.database, holder.execution))) return;
  throw new BackupPreemptedError(`The lease of ${run.database} is somebody else's by now: a restore goes first.`, {
    remedy: 'The next night makes its backup; or, once the restore is over: carthub-db backup',
  });
}
