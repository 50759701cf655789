import type { Assessment } from '../damage/assessment.ts';
import type { Fault } from '../errors.ts';
import type { Outcome } from './outcome.ts';

/** What a run knows at its end. */
export type Ending = {
  target: number | null;
  /** Version before and number of pending files, once planned. */
  plan: { before: number; pending: number } | null;
  /** Whether the Job ended well and the schema was validated. */
  validated: boolean;
  /** What the failure did, when there was one after the Job was launched. */
  assessment: Assessment | null;
  /** Whether an instance from before the run serves in the place of the one that it changed. */
  restored: boolean;
  error: Fault | null;
};

export type Named = {
  outcome: Outcome;
  version: { before: number | null; after: number | null };
};

/**
 * Names how a migrate execution ended. Nothing but what was proved decides: a run that failed after everything was in
 * and valid is `Migrated`; one that could not be looked at is `FailedKept`.
 */
export function nameOutcome(ending: Ending): Named {
  const { assessment, plan } = ending;
  const before = plan?.before ?? null;
  if (ending.restored) return { outcome: 'FailedRestored', version: { before, after: before } };
  if (assessment !== null) return nameFailure(assessment, ending);
  if (ending.error !== null) return { outcome: 'Refused', version: { before, after: before } };
  if (ending.validated) return { outcome: 'Migrated', version: { before, after: ending.target } };
  return { outcome: 'NothingToDo', version: { before, after: before } };
}

function nameFailure(assessment: Assessment, { target, plan }: Ending): Named {
  switch (assessment.state) {
    case 'Untouched':
      return { outcome: 'FailedUntouched', version: versions(assessment) };
    case 'AtVersion':
      return {
        outcome: assessment.after === target && assessment.resumeAt === null ? 'Migrated' : 'FailedPartway',
        version: versions(assessment),
      };
    case 'Dirty':
      return {
        outcome: 'FailedKept',
        version: versions(assessment),
      };
    case 'Unassessed':
      return {
        outcome: 'FailedKept',
        version: { before: plan?.before ?? null, after: null },
      };
  }
}

function versions({ before, after }: { before: number | null; after: number }): Named['version'] {
  return { before, after };
}
