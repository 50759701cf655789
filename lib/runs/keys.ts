import { createHash } from 'node:crypto';
import type { BackupCommand } from '../backups/commands.ts';

/** Where a run's documents lie in the bucket. A run's id is the name of its root execution. */
export const keys = {
  lease: (database: string) => `leases/${database}.json`,
  accepted: (database: string) => `accepted/${database}.json`,
  release: (sha256: string) => `releases/${sha256}.json`,
  schemas: (sha256: string) => `schemas/${sha256}.json`,
  outcome: (run: string) => `runs/${run}.json`,
  plan: (run: string) => `runs/${run}/plan.json`,
  snapshot: (run: string) => `runs/${run}/snapshot.json`,
  restorePoint: (run: string) => `runs/${run}/restore-point.json`,
  schemaBefore: (run: string) => `runs/${run}/schema-before.json`,
  schemaAfter: (run: string) => `runs/${run}/schema-after.json`,
  differences: (run: string) => `runs/${run}/differences.json`,
  verdict: (run: string) => `runs/${run}/verdict.json`,
  report: (run: string) => `runs/${run}/report.json`,
  /** What a Job of a backup said of itself. */
  jobVerdict: (run: string, command: BackupCommand) => `runs/${run}/${command}-verdict.json`,
  applied: (run: string) => `runs/${run}/applied.json`,
  restore: {
    plan: (run: string) => `runs/${run}/restore/plan.json`,
    settings: (run: string) => `runs/${run}/restore/settings.json`,
    freeze: (run: string) => `runs/${run}/restore/freeze.json`,
    writes: (run: string, pass: number, slice: number) => `runs/${run}/restore/writes/${pass}/${slice}.json`,
    survey: (run: string, pass: number) => `runs/${run}/restore/writes/${pass}/survey.json`,
    cursor: (run: string) => `runs/${run}/restore/writes/cursor.json`,
    replay: (run: string) => `runs/${run}/restore/writes/replay.json`,
    lost: (run: string) => `runs/${run}/restore/lost.jsonl`,
    loss: (run: string) => `runs/${run}/restore/loss.json`,
    acceptance: (run: string) => `runs/${run}/restore/acceptance.json`,
    cutover: (run: string) => `runs/${run}/restore/cutover.json`,
    report: (run: string) => `runs/${run}/restore/report.json`,
  },
  lineage: (database: string) => `instances/${database}.json`,
  quarantine: (database: string) => `quarantine/${database}.json`,
  image: (database: string) => `images/${database}.json`,
};

/**
 * The name of a run's Job, its snapshot and its database sessions (`application_name`): the same in kubectl, in the console
 * and in `pg_stat_activity`, made from the database and the run's id alone, and short enough for a label (63 characters).
 * Run ids are unique in one stack only, and stacks share accounts and namespaces.
 */
export function jobName(database: string, run: string, command: 'migrate' | BackupCommand = 'migrate'): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([database, run]))
    .digest('hex');
  return `${command}-${digest.slice(0, 20)}`;
}
