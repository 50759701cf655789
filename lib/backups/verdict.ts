import * as z from 'zod/mini';
import { type Fault, toFault } from '../errors.ts';
import { fault } from '../runs/verdict.ts';
import { BACKUP_COMMANDS } from './commands.ts';

/**
 * What a Job of backups says of itself in its termination message: at most 4,096 bytes. The documents in S3 say more, and they
 * alone decide what is a backup and what is verified.
 */
export const backupVerdict = z.object({
  format: z.literal(1),
  run: z.string(),
  command: z.enum(BACKUP_COMMANDS),
  backup: z.string(),
  result: z.enum(['done', 'failed']),
  /** Of the data in S3. null where it did not come to that. */
  done: z.nullable(
    z.object({ bytes: z.int(), tables: z.int(), rows: z.int(), durationMs: z.int(), adopted: z.boolean() }),
  ),
  error: z.nullable(fault),
});

export type BackupVerdict = z.infer<typeof backupVerdict>;

const LONGEST = 4096;

/** The verdict as the termination message has it: the message is cut until all of it has room. */
export function judgeBackup(about: Pick<BackupVerdict, 'run' | 'command' | 'backup' | 'done'>, error: unknown): string {
  const told: Fault | null = error === null ? null : { ...toFault(error), place: null };
  const verdict: BackupVerdict = { format: 1, ...about, result: error === null ? 'done' : 'failed', error: told };
  for (let most = 2_000; ; most = Math.floor(most / 2)) {
    const text = JSON.stringify({ ...verdict, error: told && cut(told, most) });
    if (Buffer.byteLength(text) <= LONGEST || most < 50) return text;
  }
}

function cut(told: Fault, most: number): Fault {
  const short = (text: string) => (text.length > most ? `${text.slice(0, most)}...` : text);
  return { ...told, message: short(told.message), remedy: told.remedy && short(told.remedy) };
}
