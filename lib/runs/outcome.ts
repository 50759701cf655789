/** How an execution can end; `docs/architecture.md` says what each promises about the database. */
export const EXIT_CODES = {
  Migrated: 0,
  NothingToDo: 0,
  Restored: 0,
  FailedUntouched: 3,
  FailedRestored: 4,
  FailedKept: 5,
  FailedPartway: 6,
  Refused: 7,
  NeedsAcceptance: 8,
} as const;

export type Outcome = keyof typeof EXIT_CODES;

/** Those of a restore execution; all others but `Restored` and `NeedsAcceptance` are those of a migrate execution. */
export type RestoreOutcome = Extract<Outcome, 'Restored' | 'Refused' | 'NeedsAcceptance' | 'FailedKept'>;

/** Wrong usage or input, found before anything was started. */
export const EXIT_USAGE = 2;
/** A fault of our own. */
export const EXIT_FAULT = 1;

/** Whether an execution with this outcome ends green: only when the database is where it was wanted. */
export function isSuccess(outcome: string): boolean {
  return ['Migrated', 'NothingToDo', 'Restored', 'Accepted'].includes(outcome);
}
