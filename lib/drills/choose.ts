import { type CatalogueEntry, isVerified } from '../backups/catalogue.ts';
import type { DrillRecord } from '../backups/drill-record.ts';
import { DrillRefusedError } from './errors.ts';
import type { DrillInput } from './order.ts';

export type Chosen = { due: boolean; why: string; backup: string };

const DAY_MS = 86_400_000;

/**
 * Chooses what is restored: what was named, else the newest verified backup. It is due when its schema was never restored (which
 * no other drill can say anything of), or when the last drill is older than was asked for.
 *
 * A backup that was named is restored whatever it is worth: that is what somebody wants to know.
 *
 * @throws DrillRefusedError
 */
export function chooseDrill(options: {
  backups: readonly CatalogueEntry[];
  record: DrillRecord | null;
  input: Pick<DrillInput, 'backup' | 'when' | 'everyDays'>;
  now: Date;
}): Chosen {
  const { backups, record, input, now } = options;
  if (input.backup !== null) {
    if (backups.some(({ id }) => id === input.backup)) return { due: true, why: 'it was named', backup: input.backup };
    throw new DrillRefusedError(`There is no backup ${input.backup}.`, { remedy: 'List them: carthub-db backups' });
  }
  const newest = backups.find(isVerified);
  if (newest === undefined) {
    throw new DrillRefusedError('There is no verified backup.', { remedy: 'List what there is: carthub-db backups' });
  }
  const chosen = { due: true, backup: newest.id };
  const { version, digest } = newest.manifest.schema;
  if (input.when === 'now') return { ...chosen, why: 'it was asked for' };
  if (!record?.digests.includes(digest)) {
    return { ...chosen, why: `no backup of this schema (version ${version ?? 'unknown'}) was restored yet` };
  }
  const days = (now.getTime() - Date.parse(record.last.at)) / DAY_MS;
  // The schedule comes a little later or earlier than a day after the last.
  const due = days > input.everyDays - 0.5;
  return { ...chosen, due, why: `the last drill was ${days.toFixed(1)} days ago, of ${record.last.backup}` };
}
