import type { JournalRow } from './journal.ts';

/** How far a file that runs statement by statement has come, as far as its journal tells. */
export type StepState = 'done' | 'refused' | 'accepted' | 'begun';

/**
 * The last known state of each step that was begun. `begun` means that nothing tells how it ended: its work may be there,
 * not be there, or be half there.
 */
export function stepStates(journal: readonly JournalRow[]): Map<number, StepState> {
  const states = new Map<number, StepState>();
  for (const row of journal) {
    if (row.state === 'transaction') continue;
    states.set(row.step, row.state === 'intent' ? 'begun' : row.state);
  }
  return states;
}
