/** How an execution can end; `docs/architecture.md` says what each promises about the database. */
export const EXIT_CODES = {
  Migrated: 0,
  NothingToDo: 0,
  Restored: 0,
  BackedUp: 0,
  Drilled: 0,
  FailedUntouched: 3,
  DrillFailed: 3,
  FailedRestored: 4,
  FailedKept: 5,
  FailedPartway: 6,
  Refused: 7,
  NeedsAcceptance: 8,
  FailedBackup: 9,
  FailedVerification: 10,
} as const;

export type Outcome = keyof typeof EXIT_CODES;

/** Those of a restore execution. */
export type RestoreOutcome = Extract<Outcome, 'Restored' | 'Refused' | 'NeedsAcceptance' | 'FailedKept'>;

/** Those of a backup execution. */
export type BackupOutcome = Extract<Outcome, 'BackedUp' | 'FailedBackup' | 'FailedVerification' | 'Refused'>;

/** Those of a drill execution: `Restored` when the instance was to be kept. */
export type DrillOutcome = Extract<Outcome, 'Drilled' | 'Restored' | 'DrillFailed' | 'Refused'>;

/** Wrong usage or input, found before anything was started. */
export const EXIT_USAGE = 2;
/** A fault of our own. */
export const EXIT_FAULT = 1;

/** Whether an execution with this outcome ends green: only when the database is where it was wanted, or its backup in store and verified. */
export function isSuccess(outcome: string): boolean {
  return ['Migrated', 'NothingToDo', 'Restored', 'Accepted', 'BackedUp', 'Drilled'].includes(outcome);
}
