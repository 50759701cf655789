import type { Assessment } from '../damage/assessment.ts';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import type { Fault } from '../errors.ts';
import type { DirtyMark } from '../lease/lease.ts';
import { quarantineBlamed } from '../quarantine/blamed.ts';
import { tellBackup } from './backup-record.ts';
import { faultOf } from './cause.ts';
import { notRead, readEvidence } from './evidence.ts';
import { assessmentOf, type FinalState } from './final-state.ts';
import { firstError } from './first-error.ts';
import { keepImage } from './image.ts';
import { keys } from './keys.ts';
import { nameOutcome } from './name-outcome.ts';
import { nameRestore } from './name-restore.ts';
import { isSuccess } from './outcome.ts';
import { type PutBack, readPutBack, tellRestoration } from './put-back.ts';
import { type OutcomeRecord, record } from './record.ts';
import type { Run } from './run.ts';

/** How a root execution is to end. */
export type End = {
  outcome: string;
  succeeded: boolean;
  /** What becomes of the dirty mark: set, taken away (null), or left. */
  dirty: DirtyMark | null | 'as it is';
  /** For the Fail state: what went wrong and what to do, in one text. */
  cause: string;
};

/**
 * Names the outcome of a run, writes it to `runs/<id>.json`, and says how the execution is to end.
 *
 * An outcome is written once: who comes again finds it and gives the same answer. Who assesses later a database that could
 * not be looked at adds to it; the outcome stays.
 *
 * @param by the execution that concludes: the run's own, or the sweeper's
 */
export async function concludeRun(options: {
  documents: Documents;
  state: FinalState;
  by: string;
  now: Date;
}): Promise<End> {
  const { documents, state, by, now } = options;
  const { run } = state;
  const made = await (run.kind === 'backup' ? recordBackup(documents, state, now) : recordRun(documents, state, now));
  const stored = await keep(documents, made, by);
  if (['Migrated', 'BackedUp'].includes(stored.outcome)) await keepImage(documents, run, now);
  return endOf(stored);
}

async function recordBackup(documents: Documents, state: FinalState, now: Date): Promise<OutcomeRecord> {
  return {
    ...{ format: 1, ...about(state.run), ...(await tellBackup(documents, state)) },
    ...{ files: [], snapshot: null, restore: null, resumeAt: null, assessment: null, reassessed: null },
    ...{ differences: [], warnings: [], endedAt: now.toISOString() },
  };
}

async function recordRun(documents: Documents, state: FinalState, now: Date): Promise<OutcomeRecord> {
  const { run } = state;
  const evidence = await readEvidence(documents, run.id);
  const { said, files, snapshot, differences, unproven, warnings, notes } = evidence;
  const putBack = await readPutBack(documents, state);
  const error =
    run.kind === 'restore' ? putBack.error : firstError(said, state.error === null ? null : faultOf(state.error));
  const assessment = assessmentOf(state);
  const named = nameOf({ ...state, plan: state.plan ?? evidence.planned }, { putBack, assessment, error });
  return {
    format: 1,
    ...about(run),
    ...named,
    files,
    snapshot: state.snapshot?.id ?? snapshot,
    restore: tellRestoration({ run, outcome: named.outcome, assessment, putBack }),
    backup: null,
    resumeAt: assessment?.state === 'AtVersion' ? assessment.resumeAt : null,
    error,
    assessment,
    reassessed: null,
    ...{ differences: differences.slice(0, MOST_DIFFERENCES), unproven, warnings },
    notes: [...notes, ...putBack.notes, ...(await quarantineBlamed({ documents, run, assessment, now }))],
    endedAt: now.toISOString(),
  };
}

function nameOf(
  { run, acceptance, plan, job }: FinalState,
  known: { putBack: PutBack; assessment: Assessment | null; error: Fault | null },
): { outcome: string; version: OutcomeRecord['version'] } {
  const { putBack, assessment, error } = known;
  const { restored, version } = putBack;
  if (acceptance !== null) return { outcome: 'Accepted', version: acceptedVersion(assessment) };
  if (run.kind === 'restore') {
    return { outcome: nameRestore(putBack), version: { before: null, after: restored ? version : null } };
  }
  const named = nameOutcome({ target: run.target, plan, validated: job !== null, assessment, error, restored });
  return restored ? { ...named, version: { before: version, after: version } } : named;
}

/** The record stays of a size that people and programs read at once. */
const MOST_DIFFERENCES = 500;

/** The end that a stored outcome stands for. */
export function endOf(stored: OutcomeRecord): End {
  return {
    outcome: stored.outcome,
    succeeded: isSuccess(stored.outcome),
    dirty: markOf(stored),
    cause: causeText(stored),
  };
}

/** Only a word that was accepted, a restore, or a later look that found no damage takes a mark away. */
function markOf({ kind, outcome, run, endedAt, assessment, reassessed }: OutcomeRecord): End['dirty'] {
  if (kind === 'accept-state') return outcome === 'Accepted' ? null : 'as it is';
  if (outcome === 'Restored' || outcome === 'FailedRestored') return null;
  if (kind === 'restore' || kind === 'backup') return 'as it is';
  const last = reassessed?.assessment ?? assessment;
  if (last?.state === 'Dirty') return { run, since: endedAt, reason: last.reason, assessed: true };
  if (last?.state !== 'Unassessed') return null;
  return { run, since: endedAt, reason: `It could not be assessed: ${last.error.message}`, assessed: false };
}

async function keep(documents: Documents, made: OutcomeRecord, by: string): Promise<OutcomeRecord> {
  const key = keys.outcome(made.run);
  for (;;) {
    if (await putDocument(documents, key, made, null)) return made;
    const { value, etag, unreadable } = await readIfReadable(documents, key, record);
    if (unreadable !== null) {
      // What is there tells nobody how the run ended, and stays in the bucket as an earlier version.
      const replacing = { ...made, notes: [...made.notes, notRead(unreadable)] };
      if (await putDocument(documents, key, replacing, etag)) return replacing;
    }
    if (value === null) continue;
    const isNews = value.assessment?.state === 'Unassessed' && value.reassessed === null;
    if (!isNews || made.assessment === null || made.assessment.state === 'Unassessed') return value;
    const added: OutcomeRecord = {
      ...value,
      reassessed: { at: made.endedAt, by, outcome: made.outcome, assessment: made.assessment },
    };
    if (await putDocument(documents, key, added, etag)) return added;
  }
}

function about(run: Run) {
  const { id, kind, execution, database, requestedBy, reason, startedAt } = run;
  return { run: id, kind, execution, database, requestedBy, reason, startedAt };
}

function acceptedVersion(assessment: OutcomeRecord['assessment']): OutcomeRecord['version'] {
  if (assessment === null || assessment.state === 'Unassessed') return { before: null, after: null };
  return { before: assessment.after, after: assessment.after };
}

function causeText({ error, assessment, run, restore }: OutcomeRecord): string {
  const lines = [
    ...(error === null ? [] : [placed(error)]),
    ...(assessment?.state === 'Dirty' ? [assessment.reason] : []),
    ...(restore?.attempted ? [restore.reason] : []),
    ...(restore?.finish ? [`To finish the restore: ${restore.finish}`] : []),
    ...(error?.remedy ? [`Remedy: ${error.remedy}`] : []),
    `The whole story: runs/${run}.json`,
  ];
  return lines.join('\n').slice(0, 30_000);
}

function placed({ name, message, place }: Fault): string {
  const at =
    place === null ? '' : ` (${[place.file, place.line, place.column].filter((part) => part !== null).join(':')})`;
  return `${name}: ${message}${at}`;
}
