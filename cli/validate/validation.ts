import type { CheckResult } from '../../lib/schema/checks/check.ts';
import type { Comparison } from '../../lib/schema/difference.ts';
import type { Warning } from '../../lib/schema/warnings/warning.ts';
import type { ChangedBy } from './changed-by.ts';

/** What was found out about a database, against the migrations of a folder. Plain data: `--json` prints it. */
export type Validation = {
  database: string;
  /** At which its history stands; 0 where nothing was migrated. */
  version: number;
  /** Null where it was compared with what the migrations say; else the run that left what it was compared with, since nobody knows that. */
  asLeftBy: string | null;
  /** Files of the folder that it does not have yet. */
  pending: string[];
  /** Files of which the journal knows statements, and the history nothing: they were broken off. */
  unfinished: string[];
  /** The schema and every promise are as they should be. */
  equal: boolean;
  schema: Omit<Comparison, 'differences'> & {
    /** `changedBy` is null of what is not there any more: no row of it is left to tell. */
    differences: (Comparison['differences'][number] & { changedBy: ChangedBy | null })[];
  };
  checks: CheckResult[];
  warnings: Warning[];
};

/** The promises that did not hold. */
export function broken({ checks }: Pick<Validation, 'checks'>): number {
  return checks.flatMap(({ outcomes }) => outcomes).filter(({ passed }) => !passed).length;
}
