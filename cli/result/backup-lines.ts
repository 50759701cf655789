import type { MadeBackup } from '../../lib/backups/made-backup.ts';
import { size } from '../backups/size.ts';
import { duration } from '../timeline/duration.ts';

/** What is known of a backup, for a person. */
export function backupLines({ id, snapshotAt, objects, bytes, tables, rows, ...rest }: MadeBackup): string[] {
  const { durationMs, verified } = rest;
  const read =
    verified === null
      ? 'not read back'
      : verified.result === 'verified'
        ? `read back in full in ${duration(verified.durationMs)}`
        : 'damaged';
  return [
    `  backup    ${id}`,
    `  moment    ${snapshotAt}`,
    `  holds     ${rows} rows of ${tables} tables`,
    `  size      ${size(bytes)} in ${objects} objects`,
    `  made in   ${duration(durationMs)}`,
    `  verified  ${read}`,
  ];
}
