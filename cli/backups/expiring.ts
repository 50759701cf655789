import { type Expired, expire } from '../../lib/backups/expire.ts';
import type { Documents } from '../../lib/documents/documents.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { minute } from './lines.ts';
import { type Backups, readBackups } from './read.ts';
import { age, size } from './size.ts';

/** What the next expiring would remove, and why the rest would stay. */
export type Expiring = { backups: Backups; lastRun: 'succeeded' | 'failed'; choice: Expired };

/**
 * Asks retention without letting it remove anything, by the policy of the last expiring.
 *
 * @param runs the newest first
 */
export async function foretellExpiring(
  documents: Documents,
  database: string,
  given: { runs: readonly Pick<OutcomeRecord, 'kind' | 'outcome'>[]; now: () => Date },
): Promise<Expiring> {
  const { runs, now } = given;
  const backups = await readBackups(documents, database, now());
  const last = runs.find(({ kind }) => kind === 'backup');
  const lastRun = last === undefined || last.outcome === 'BackedUp' ? 'succeeded' : 'failed';
  const { policy } = backups;
  const choice = await expire({ documents, policy, lastRun, dryRun: true, log: () => undefined, now });
  return { backups, lastRun, choice };
}

/** The same for a person. */
export function expiringLines({ backups: found, choice }: Expiring): string[] {
  const { backups, policy, at, orphans } = found;
  const { days, weeks, months, orphanDays, timeZone } = policy;
  const told = (id: string) => {
    const backup = backups.find((one) => one.id === id);
    if (!backup) return id;
    const { manifest, bytes } = backup;
    return `${id}  ${size(bytes)}, ${age(at.getTime() - Date.parse(manifest.snapshotAt))} old`;
  };
  const isChosen = (one: { id: string; run: string }) =>
    choice.orphans.some(({ id, run }) => id === one.id && run === one.run);
  const gone = orphans.filter(isChosen);
  return [
    `Kept are ${days} days, ${weeks} weeks and ${months} months that have a verified backup (${timeZone}); what a run left without a manifest, ${orphanDays} days.`,
    ...(choice.blocked === null ? [] : [`Nothing would be removed: ${choice.blocked}.`]),
    ...(choice.expired.length + gone.length === 0 ? [] : ['After the next verified backup these would go:']),
    ...choice.expired.map((id) => `  ${told(id)}`),
    ...gone.map(({ id, run, bytes, newest }) => `  ${id} of run ${run}, no backup  ${size(bytes)}, ${minute(newest)}`),
    ...(choice.kept.length === 0 ? [] : ['These stay:']),
    ...choice.kept.map(({ id, because }) => `  ${told(id)}: ${because}`),
  ];
}
