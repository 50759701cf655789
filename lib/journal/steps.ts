import { isAtomic, type JournalRow } from './journal.ts';

/**
 * How a statement of a file that runs statement by statement stands, as far as its journal tells.
 *
 * - `done`: it ended well; `accepted`: a person says that it counts as done.
 * - `refused`: the server reported that it failed, and nothing of it can have been committed; `again`: nobody knows how it
 *   ended, and a person says that it may run again.
 * - `undone`: it was begun in a transaction of its own that did not commit, or has not yet: nothing of it is in the database.
 * - `unknown`: its work may be there, not be there, or be half there.
 */
export type StepState = 'done' | 'accepted' | 'refused' | 'again' | 'undone' | 'unknown';

export type Step = {
  /** From 1. */
  number: number;
  state: StepState;
  /** SHA-256 of the statement's text; null where an older runner began it. */
  statement: string | null;
  /** The last word about it. */
  row: JournalRow;
};

/** Each statement of a file that was begun, in order, by the last word that the file's journal has about it. */
export function stepsOf(journal: readonly JournalRow[]): Step[] {
  const steps = new Map<number, Step>();
  for (const row of journal) {
    if (row.state === 'transaction') continue;
    const { detail, step: number } = row;
    const said = detail !== null && 'statement' in detail ? detail.statement : null;
    // An intent speaks of a statement of its own: after a change of the file, of another than before.
    const statement = said ?? (row.state === 'intent' ? null : (steps.get(number)?.statement ?? null));
    steps.set(number, { number, state: stateOf(row), statement, row });
  }
  return [...steps.values()].sort((a, b) => a.number - b.number);
}

/** The first of them, as far as they need not run: done, or accepted as done. */
export function finished(steps: readonly Step[]): Step[] {
  const open = steps.findIndex(({ number, state }, index) => number !== index + 1 || !COUNTS_AS_DONE.has(state));
  return open < 0 ? [...steps] : steps.slice(0, open);
}

const COUNTS_AS_DONE: ReadonlySet<StepState> = new Set(['done', 'accepted']);

/** Nothing of it is committed, so that it runs again. */
export function runsAgain({ state }: Step): boolean {
  return state === 'refused' || state === 'again' || state === 'undone';
}

function stateOf(row: JournalRow): StepState {
  const { state, detail } = row;
  switch (state) {
    case 'refused':
      return detail !== null && 'mayHaveCommitted' in detail && detail.mayHaveCommitted ? 'unknown' : 'refused';
    case 'accepted':
      // Before a person could say where to go on, what was accepted always ran again.
      return detail !== null && 'again' in detail && !detail.again ? 'accepted' : 'again';
    case 'done':
      return 'done';
    default:
      return isAtomic(row) ? 'undone' : 'unknown';
  }
}
