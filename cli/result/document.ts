import type { Fault } from '../../lib/errors.ts';
import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { RestoreAccount } from '../restore/account.ts';
import type { Step } from '../timeline/step.ts';

/** What `--json` prints of a run: one document, whatever happened. */
export type RunDocument = {
  /** Null when no run came about, or its end is not known. */
  outcome: string | null;
  run: string | null;
  execution: string | null;
  database: string | null;
  version: { before: number | null; after: number | null };
  files: { version: number; file: string; durationMs: number }[];
  snapshot: string | null;
  restore: OutcomeRecord['restore'];
  /** The backup that a backup run has left in store. */
  backup: OutcomeRecord['backup'];
  /** Of a restore: which settings differ and why, which rows were replayed and lost. */
  account: RestoreAccount | null;
  resumeAt: OutcomeRecord['resumeAt'];
  assessment: OutcomeRecord['assessment'];
  differences: OutcomeRecord['differences'];
  /** Why nobody knows what the schema should be, where the files cannot be applied to an empty database. */
  unproven: string | null;
  warnings: OutcomeRecord['warnings'];
  notes: OutcomeRecord['notes'];
  error: ReturnType<typeof faultDocument> | null;
  timeline: { machine: string; state: string; enteredAt: string; ms: number | null; error: string | null }[];
  /** What the local cloud multiplies waits by; null on AWS, where time is time. */
  timeScale: number | null;
};

/** The document of a run, as far as one came about. */
export function runDocument(known: {
  run: string | null;
  execution: string | null;
  database: string | null;
  record: OutcomeRecord | null;
  fault: Fault | null;
  steps: readonly Step[];
  timeScale: number | null;
  account: RestoreAccount | null;
}): RunDocument {
  const { record } = known;
  const fault = record?.error ?? known.fault;
  return {
    outcome: record?.outcome ?? null,
    run: known.run,
    execution: known.execution,
    database: known.database,
    version: record?.version ?? { before: null, after: null },
    files: record?.files ?? [],
    snapshot: record?.snapshot ?? null,
    restore: record?.restore ?? null,
    backup: record?.backup ?? null,
    account: known.account,
    resumeAt: record?.resumeAt ?? null,
    assessment: record?.assessment ?? null,
    differences: record?.differences ?? [],
    unproven: record?.unproven ?? null,
    warnings: record?.warnings ?? [],
    notes: record?.notes ?? [],
    error: fault === null ? null : faultDocument(fault),
    timeline: known.steps.map(({ machine, state, enteredAt, ms, error }) => ({
      machine,
      state,
      enteredAt: enteredAt.toISOString(),
      ms,
      error: error?.name ?? null,
    })),
    timeScale: known.timeScale,
  };
}

/** The document of a command that failed before there was a run, wrong usage included. */
export function failureDocument(fault: Fault): RunDocument {
  const nothing = { run: null, execution: null, database: null, record: null, timeScale: null, account: null };
  return runDocument({ ...nothing, fault, steps: [] });
}

/** A failure in the one form in which every verb prints it with `--json`. */
export function faultDocument({ name, message, remedy, place }: Fault) {
  const { file = null, line = null, column = null, caret = null } = place ?? {};
  return { name, message, file, line, column, caret, remedy };
}
