import { type Documents, putDocument } from '../documents/documents.ts';
import { type Caught, faultOf } from './cause.ts';
import { type End, endOf } from './conclude.ts';
import { keys } from './keys.ts';
import type { OutcomeRecord } from './record.ts';

/** A root execution that never had the lease: all that is known of it. */
export type Unleased = {
  name: string;
  execution: string;
  kind: string;
  database: string;
  startedAt: string;
  error: Caught;
};

/** Writes the outcome `Refused` for an execution that never had the lease, and so started nothing. Written once. */
export async function refuseRun(options: { documents: Documents; unleased: Unleased; now: Date }): Promise<End> {
  const { documents, unleased, now } = options;
  const made: OutcomeRecord = {
    format: 1,
    run: unleased.name,
    kind: unleased.kind,
    execution: unleased.execution,
    database: unleased.database,
    outcome: 'Refused',
    version: { before: null, after: null },
    files: [],
    ...{
      snapshot: null,
      restore: null,
      backup: null,
      resumeAt: null,
      assessment: null,
      reassessed: null,
      reason: null,
    },
    error: faultOf(unleased.error),
    ...{ differences: [], warnings: [], notes: [], requestedBy: '' },
    startedAt: unleased.startedAt,
    endedAt: now.toISOString(),
  };
  // What is there already stays: the same refusal, told before, or the outcome of a run that used this name up.
  await putDocument(documents, keys.outcome(unleased.name), made, null);
  return endOf(made);
}
