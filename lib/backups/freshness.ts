import { type Catalogue, isVerified } from './catalogue.ts';
import type { DrillRecord } from './drill-record.ts';
import type { RetentionRecord } from './retention-record.ts';

/**
 * How old what a restore would rest on is, in seconds; null where there is none, which is older than anything. Ages are what an alarm can
 * rest on: a count of failures is silent when nothing runs.
 */
export type Freshness = {
  backupAge: number | null;
  verifiedBackupAge: number | null;
  drillAge: number | null;
  retentionAge: number | null;
  /** How far the logs in store lie behind: what a point-in-time restore would lose at least. */
  restorableLag: number | null;
  verifiedBackups: number;
  /** Damaged, changed, not restored by its last drill, or with documents that cannot be read. */
  doubtfulBackups: number;
};

/** Ages are those of the contents, not of the day on which somebody looked at them. */
export function freshnessOf(options: {
  catalogue: Pick<Catalogue, 'backups' | 'unreadable'>;
  drills: DrillRecord | null;
  retention: RetentionRecord | null;
  latestRestorable: Date | null;
  now: Date;
}): Freshness {
  const { catalogue, drills, retention, latestRestorable, now } = options;
  const { backups, unreadable } = catalogue;
  const since = (time: string | undefined) =>
    time === undefined ? null : Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1_000));
  const verified = backups.filter(isVerified);
  const doubtful = backups.filter(
    ({ verification, changed, drill }) =>
      changed.length > 0 || verification?.result === 'damaged' || drill?.result === 'failed',
  );
  const drilled = [
    drills?.last.at,
    ...backups.map(({ drill }) => (drill?.result === 'drilled' ? drill.at : undefined)),
  ];
  const lastDrill = drilled
    .filter((at) => at !== undefined)
    .toSorted()
    .at(-1);
  return {
    backupAge: since(backups[0]?.manifest.snapshotAt),
    verifiedBackupAge: since(verified[0]?.manifest.snapshotAt),
    drillAge: since(lastDrill),
    retentionAge: since(retention?.at),
    restorableLag: since(latestRestorable?.toISOString()),
    verifiedBackups: verified.length,
    doubtfulBackups: doubtful.length + unreadable.length,
  };
}
