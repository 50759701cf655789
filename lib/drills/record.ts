import { recordDrill } from '../backups/drill-record.ts';
import { backupKeys } from '../backups/keys.ts';
import { findManifest } from '../backups/manifest.ts';
import type { Drill } from '../backups/results.ts';
import { type BackupVerdict, backupVerdict } from '../backups/verdict.ts';
import { putResult } from '../backups/verify.ts';
import { type Documents, putDocument, readIfReadable } from '../documents/documents.ts';
import type { Fault } from '../errors.ts';
import { type Caught, faultOf } from '../runs/cause.ts';
import { keys } from '../runs/keys.ts';
import { type DrillOutcome, isSuccess } from '../runs/outcome.ts';
import { type OutcomeRecord, record } from '../runs/record.ts';
import type { DrillPlan, DrillRun } from './order.ts';

/** How a drill's execution is to end. */
export type DrillEnd = { outcome: string; succeeded: boolean; cause: string };

/** What the runner says when it is the backup that cannot be restored. All else says nothing of the backup. */
const OF_THE_BACKUP = new Set([
  ...['BackupDamagedError', 'RestoreFailedError', 'RestoreDiffersError', 'DumpFailedError', 'ManifestContradictsError'],
]);

/**
 * Writes down what a drill found: beside the manifest, where the catalogue reads it, and in the record of the execution. That an
 * instance could not be made says nothing of the backup, and leaves what was known of it as it was.
 *
 * @param plan null when it did not come to one: then nothing was made
 */
export async function recordEnd(options: {
  documents: Documents;
  run: DrillRun;
  plan: DrillPlan | null;
  /** How long RDS took to make the instance. */
  instanceMs: number | null;
  error: Caught | null;
  now: Date;
}): Promise<DrillEnd> {
  const { documents, run, plan, error, now } = options;
  const read = await readIfReadable(documents, keys.jobVerdict(run.id, 'restore-dump'), backupVerdict);
  const said = plan === null ? null : read.value;
  const fault = said?.error ?? (error === null ? null : faultOf(error));
  const restored = fault === null && said?.result === 'done';
  const version = plan === null ? null : await tellBackup(options, plan, said, fault);
  const outcome: DrillOutcome = restored
    ? plan?.keep
      ? 'Restored'
      : 'Drilled'
    : plan === null
      ? 'Refused'
      : 'DrillFailed';
  const known = restored || fault !== null ? fault : NO_VERDICT;
  const made = composeRecord(run, { outcome, version, error: known, now, notes: notesOf(options, said) });
  await putDocument(documents, keys.outcome(run.id), made, null);
  const stored = (await readIfReadable(documents, keys.outcome(run.id), record)).value ?? made;
  const cause = stored.error === null ? '' : `${stored.error.name}: ${stored.error.message}`;
  const remedy = stored.error?.remedy ? `\nRemedy: ${stored.error.remedy}` : '';
  return {
    outcome: stored.outcome,
    succeeded: isSuccess(stored.outcome),
    cause: `${cause}${remedy}`.slice(0, 30_000),
  };
}

/** The end of a drill that was stopped or timed out, as whoever removes what it left finds it. One that is recorded stays as it is. */
export async function recordCutOff(
  documents: Documents,
  cut: { execution: string; database: string; status: string; startedAt: string | null },
  now: Date,
): Promise<void> {
  const { execution, database, status } = cut;
  const id = execution.split(':').at(-1) ?? '';
  const run = { id, execution, database, startedAt: cut.startedAt ?? now.toISOString(), requestedBy: 'not known' };
  const error: Fault = {
    ...{ name: 'DrillCutOffError', message: `The execution ended as ${status} before it had told what it found.` },
    ...{ remedy: 'Start it again: carthub-db drill', place: null },
  };
  const notes = ['Its instance is removed.'];
  const made = composeRecord(run, { outcome: 'DrillFailed', version: null, error, now, notes });
  await putDocument(documents, keys.outcome(id), made, null);
}

const NO_VERDICT: Fault = {
  ...{ name: 'RestoreUnknownError', message: 'The Job ended without a word on what it restored.' },
  ...{ remedy: 'Look at its log, and start the drill again: carthub-db drill', place: null },
};

/** The schema's version of the backup, after its own word is written beside it. */
async function tellBackup(
  { documents, run, instanceMs, now }: Parameters<typeof recordEnd>[0],
  plan: DrillPlan,
  said: BackupVerdict | null,
  fault: Fault | null,
): Promise<number | null> {
  const found = await findManifest(documents, plan.backup);
  if (found === null) return null;
  const { value: manifest, etag } = found;
  const restoreMs = said?.done?.durationMs ?? 0;
  const about = { format: 1 as const, id: plan.backup, manifest: etag, at: now.toISOString(), run: run.id };
  if (said?.done && fault === null) {
    const good: Drill = { ...about, result: 'drilled', restoreMs, instanceMs, findings: [] };
    await putResult(documents, backupKeys.drilled(plan.backup), good);
    const { bytes } = said.done;
    const { schema } = manifest;
    await recordDrill(documents, run.database, { backup: plan.backup, at: about.at, restoreMs, bytes, schema });
  } else if (fault !== null && OF_THE_BACKUP.has(fault.name)) {
    const bad: Drill = { ...about, result: 'failed', restoreMs, instanceMs, findings: [fault.message] };
    await putResult(documents, backupKeys.drilled(plan.backup), bad);
  }
  return manifest.schema.version;
}

function notesOf({ plan, instanceMs }: Parameters<typeof recordEnd>[0], said: BackupVerdict | null): string[] {
  if (plan === null) return [];
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  const { done = null } = said ?? {};
  return [
    `The backup ${plan.backup} into ${plan.instance}: ${plan.why}.`,
    ...(instanceMs === null ? [] : [`The instance was there after ${seconds(instanceMs)}.`]),
    ...(done === null
      ? []
      : [
          `Restored in ${seconds(done.durationMs)}: ${done.rows} rows in ${done.tables} tables, compared with the manifest.`,
        ]),
  ];
}

function composeRecord(
  run: DrillRun,
  told: { outcome: string; version: number | null; error: Fault | null; now: Date; notes: string[] },
): OutcomeRecord {
  const { id, execution, database, requestedBy, startedAt } = run;
  const { outcome, version, error, now, notes } = told;
  return record.parse({
    ...{ format: 1, run: id, kind: 'drill', execution, database, outcome, error, notes, requestedBy, startedAt },
    ...{ version: { before: null, after: version }, endedAt: now.toISOString() },
    ...{ files: [], snapshot: null, restore: null, resumeAt: null, assessment: null, reassessed: null, reason: null },
  });
}
