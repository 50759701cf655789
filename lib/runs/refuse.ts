import { type Documents, putDocument, readDocument } from '../documents/documents.ts';
import { type Caught, faultOf } from './cause.ts';
import { type End, endOf } from './conclude.ts';
import { keys } from './keys.ts';
import { type OutcomeRecord, record } from './record.ts';

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
    ...{ snapshot: null, restore: null, resumeAt: null, assessment: null, reassessed: null, reason: null },
    error: faultOf(unleased.error),
    requestedBy: '',
    startedAt: unleased.startedAt,
    endedAt: now.toISOString(),
  };
  const key = keys.outcome(unleased.name);
  const stored = (await putDocument(documents, key, made, null))
    ? made
    : (await readDocument(documents, key, record))?.value;
  return endOf(stored ?? made);
}
