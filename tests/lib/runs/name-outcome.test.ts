import { expect, test } from '@jest/globals';
import type { Assessment } from '../../../lib/damage/assessment.ts';
import { type Ending, nameOutcome } from '../../../lib/runs/name-outcome.ts';

const fault = { name: 'E', message: 'm', remedy: null, place: null };
const ending = (more: Partial<Ending>): Ending => ({
  ...{ target: 3, plan: { before: 1, pending: 2 }, validated: false, assessment: null, restored: false, error: null },
  ...more,
});
const at = (after: number, resumeAt: { file: string; step: number } | null = null): Assessment => ({
  ...{ state: 'AtVersion', before: 1, after, resumeAt, notes: [] },
});

test.each<[string, Partial<Ending>, string, number | null]>([
  ['validated', { validated: true }, 'Migrated', 3],
  ['without pending files', { plan: { before: 3, pending: 0 } }, 'NothingToDo', 3],
  ['refused before the plan', { error: fault, plan: null }, 'Refused', null],
  ['refused after the plan', { error: fault }, 'Refused', 1],
  [
    'untouched',
    { error: fault, assessment: { state: 'Untouched', before: 1, after: 1, notes: [] } },
    'FailedUntouched',
    1,
  ],
  ['at a version between', { error: fault, assessment: at(2) }, 'FailedPartway', 2],
  ['in a step that can be resumed', { error: fault, assessment: at(2, { file: 'f', step: 1 }) }, 'FailedPartway', 2],
  ['failed after everything was in and valid', { error: fault, assessment: at(3) }, 'Migrated', 3],
  ['not to be looked at', { error: fault, assessment: { state: 'Unassessed', error: fault } }, 'FailedKept', null],
  [
    'dirty',
    {
      error: fault,
      assessment: { ...{ state: 'Dirty', before: 1, after: 2, reason: 'r', steps: [], blamed: [], notes: [] } },
    },
    'FailedKept',
    2,
  ],
])('a run that was %s is named so', (_what, more, outcome, version) => {
  expect(nameOutcome(ending(more))).toMatchObject({ outcome, version: { after: version } });
});
