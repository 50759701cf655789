/** How a migrate execution can end; `docs/architecture.md` says what each promises about the database. */
export const EXIT_CODES = {
  Migrated: 0,
  NothingToDo: 0,
  FailedUntouched: 3,
  FailedRestored: 4,
  FailedKept: 5,
  FailedPartway: 6,
  Refused: 7,
} as const;

export type Outcome = keyof typeof EXIT_CODES;

/** Wrong usage or input, found before anything was started. */
export const EXIT_USAGE = 2;
/** A fault of our own. */
export const EXIT_FAULT = 1;
