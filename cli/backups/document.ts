import type { Backups, Listed } from './read.ts';

/** What `--json` prints of a backup in the list. */
export function backupDocument({ id, manifest, bytes, verified, ...more }: Listed, at: Date) {
  const { verification, drill, changed, heldUntil, expires, because } = more;
  return {
    ...{ id, run: manifest.run, snapshotAt: manifest.snapshotAt },
    ageSeconds: Math.round((at.getTime() - Date.parse(manifest.snapshotAt)) / 1_000),
    ...{ bytes, schemaVersion: manifest.schema.version, verified, verifiedAt: verification?.at ?? null },
    drilled: drill?.result ?? 'no',
    ...{ drilledAt: drill?.at ?? null, restoreMs: drill?.result === 'drilled' ? drill.restoreMs : null },
    ...{ expires, because, heldUntil, findings: [...changed, ...(verification?.findings ?? [])] },
  };
}

/** What `--json` prints of all of them. */
export function backupsDocument({ database, bucket, at, backups, ...rest }: Backups) {
  const { orphans, unreadable, foreign, policy, lastExpiring } = rest;
  return {
    ...{ database, bucket, at: at.toISOString(), backups: backups.map((backup) => backupDocument(backup, at)) },
    ...{ orphans, unreadable, foreign, policy, lastExpiring },
  };
}
