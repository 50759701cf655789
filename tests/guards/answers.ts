import type { handler as acceptState } from '../../functions/accept-state.ts';
import type { handler as acquireLease } from '../../functions/acquire-lease.ts';
import type { handler as admitApplication } from '../../functions/admit-application.ts';
import type { handler as adoptLease } from '../../functions/adopt-lease.ts';
import type { handler as applySettings } from '../../functions/apply-settings.ts';
import type { handler as assessDamage } from '../../functions/assess-damage.ts';
import type { handler as checkInstance } from '../../functions/check-instance.ts';
import type { handler as checkRestorable } from '../../functions/check-restorable.ts';
import type { handler as conclude } from '../../functions/conclude.ts';
import type { handler as createSnapshot } from '../../functions/create-snapshot.ts';
import type { handler as cutOver } from '../../functions/cut-over.ts';
import type { handler as deleteJob } from '../../functions/delete-job.ts';
import type { handler as describeSnapshot } from '../../functions/describe-snapshot.ts';
import { initialDrill } from '../../functions/edge/drill.ts';
import { initialState } from '../../functions/edge/state.ts';
import type { handler as endBackends } from '../../functions/end-backends.ts';
import type { handler as endBackup } from '../../functions/end-backup.ts';
import type { handler as expireBackups } from '../../functions/expire-backups.ts';
import type { handler as findWrites } from '../../functions/find-writes.ts';
import type { handler as freeze } from '../../functions/freeze.ts';
import type { handler as hydrateCopy } from '../../functions/hydrate-copy.ts';
import type { handler as judgeLoss } from '../../functions/judge-loss.ts';
import type { handler as keepCopy } from '../../functions/keep-copy.ts';
import type { handler as keepDrill } from '../../functions/keep-drill.ts';
import type { handler as keepSnapshot } from '../../functions/keep-snapshot.ts';
import type { handler as launchBackup } from '../../functions/launch-backup.ts';
import type { handler as launchJob } from '../../functions/launch-job.ts';
import type { handler as makeDrill } from '../../functions/make-drill.ts';
import type { handler as measureFreshness } from '../../functions/measure-freshness.ts';
import type { handler as planBackup } from '../../functions/plan-backup.ts';
import type { handler as planDrill } from '../../functions/plan-drill.ts';
import type { handler as planMigration } from '../../functions/plan-migration.ts';
import type { handler as planRestore } from '../../functions/plan-restore.ts';
import type { handler as pollBackup } from '../../functions/poll-backup.ts';
import type { handler as pollJob } from '../../functions/poll-job.ts';
import type { handler as pruneSnapshots } from '../../functions/prune-snapshots.ts';
import type { handler as raiseToken } from '../../functions/raise-token.ts';
import type { handler as recordDrill } from '../../functions/record-drill.ts';
import type { handler as removeDrill } from '../../functions/remove-drill.ts';
import type { handler as replayWrites } from '../../functions/replay-writes.ts';
import type { handler as restoreBeside } from '../../functions/restore-beside.ts';
import type { handler as retireInstance } from '../../functions/retire-instance.ts';
import type { handler as sweepDrills } from '../../functions/sweep-drills.ts';
import type { handler as unfreeze } from '../../functions/unfreeze.ts';
import type { handler as validateCopy } from '../../functions/validate-copy.ts';
import type { handler as validateSchema } from '../../functions/validate-schema.ts';
import type { handler as verifyRestore } from '../../functions/verify-restore.ts';
import type { CutoverJournal } from '../../lib/restore/cutover-journal.ts';
import type { Run } from '../../lib/runs/run.ts';
import { type Shape, shapeOf } from './asl/shape.ts';

/** What a handler returns; null stands for the functions that return nothing. */
type Answer<H extends (event: unknown) => Promise<unknown>> = NonNullable<Awaited<ReturnType<H>>>;

/** The shapes of answers; the compiler holds each against what the handler returns. */
const answers =
  <H extends (event: unknown) => Promise<unknown>>() =>
  (...samples: Answer<H>[]): Shape[] =>
    samples.map(shapeOf);

const run: Run = {
  ...{ id: 'r', execution: 'arn', kind: 'migrate', database: 'd', release: 'r', image: 'i', target: 1 },
  ...{
    onFailure: 'auto',
    onDrift: 'refuse',
    planDigest: null,
    reason: null,
    resumeAt: null,
    ...{ restore: null, backup: null },
    requestedBy: 'somebody',
    startedAt: 'then',
  },
};
const restore: Run = {
  ...{ ...run, kind: 'restore', release: null, image: null, target: null, reason: 'because' },
  restore: {
    ...{ order: { to: 'latest' }, planDigest: null, acceptLoss: null, freeze: 'late', maxFreezeSeconds: 1 },
    ...{ acceptWindowSeconds: 1, hydrate: true, resume: null },
  },
};
const backup: Run = { ...restore, kind: 'backup', image: 'i', restore: null, backup: { id: 'b', patience: 0 } };
const state = initialState({ run, execution: 'arn', token: 1 });
const adopted = { ...state, recovery: 'none' as const, unfreeze: null, keepCopy: null };
const end: Answer<typeof conclude> = { outcome: 'Migrated', succeeded: true, dirty: null, cause: '' };
const snapshot = { id: 's', done: false, startedAt: 'then', waitSeconds: 5 };
const job = { name: 'j', launchedAt: 'then', phase: 'Pending', done: false, waitSeconds: 2 };

const loop = { done: false, waitSeconds: 2, startedAt: 'then' };
const facts = { version: 1, history: 1, digest: 'd' };
const instance = { resourceId: 'r', identifier: 'i' };
const journal: CutoverJournal = {
  ...{ format: 1, run: 'r', old: instance, copy: instance, name: 'n', retired: 'r', wasProtected: false },
  ...{ found: null, doing: null, reversed: null },
  steps: {
    ...{ fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null, verified: null },
    ...{ admitted: null, retired: null },
  },
};

/** Every way in which each function answers, by the name under which the definitions ask for it. */
export const ANSWERS: ReadonlyMap<string, readonly Shape[]> = new Map([
  [
    'AcquireLease',
    answers<typeof acquireLease>()(
      { ...state, unsettled: run },
      { ...initialState({ run: restore, execution: 'arn', token: 1 }), unsettled: run },
      { ...initialState({ run: backup, execution: 'arn', token: 1 }), unsettled: run },
    ),
  ],
  [
    'AdoptLease',
    answers<typeof adoptLease>()(
      { run: null, end: null },
      { ...adopted, end: null, error: null },
      { ...adopted, end: null, error: { Error: 'e', Cause: 'c' } },
      { ...adopted, run: restore, end: null, error: { Error: 'e', Cause: 'c' } },
      { ...adopted, run: backup, end: null, error: { Error: 'e', Cause: 'c' } },
      { ...adopted, end, error: null },
    ),
  ],
  ['PlanMigration', answers<typeof planMigration>()({ before: 0, target: 1, pending: 1, digest: 'd', fence: 0 })],
  ['CheckInstance', answers<typeof checkInstance>()({ identifier: 'i', resourceId: 'r' })],
  ['CheckCluster', ['null']],
  ['CreateSnapshot', answers<typeof createSnapshot>()(snapshot)],
  ['DescribeSnapshot', answers<typeof describeSnapshot>()(snapshot)],
  ['LaunchJob', answers<typeof launchJob>()(job)],
  ['PollJob', answers<typeof pollJob>()(job)],
  ['ValidateSchema', answers<typeof validateSchema>()({ version: 1, digest: 'd' })],
  ['RaiseToken', answers<typeof raiseToken>()({ token: 2 })],
  ['DeleteJob', answers<typeof deleteJob>()({ gone: true, tries: 1, done: true, waitSeconds: 5 })],
  ['EndBackends', answers<typeof endBackends>()({ ended: 0 })],
  [
    'AssessDamage',
    answers<typeof assessDamage>()(
      { state: 'Untouched', before: 0, after: 0, notes: [] },
      { state: 'AtVersion', before: 0, after: 0, resumeAt: null, notes: [] },
      { state: 'AtVersion', before: 0, after: 0, resumeAt: { file: 'f', step: 2 }, notes: [] },
      { state: 'Dirty', before: 0, after: 0, reason: 'r', steps: [], blamed: [], notes: [] },
    ),
  ],
  [
    'ExpireBackups',
    answers<typeof expireBackups>()(
      { blocked: null, expired: 0, orphans: 0, freedBytes: 0, refused: 0 },
      { blocked: 'b', expired: 0, orphans: 0, freedBytes: 0, refused: 0 },
    ),
  ],
  ['PruneSnapshots', answers<typeof pruneSnapshots>()({ removed: 0, kept: 0, refused: 0 })],
  [
    'MeasureFreshness',
    answers<typeof measureFreshness>()({
      ...{ backupAge: 1, verifiedBackupAge: 1, drillAge: 1, retentionAge: 1, restorableLag: 1 },
      ...{ verifiedBackups: 1, doubtfulBackups: 0 },
    }),
  ],
  [
    'PlanDrill',
    answers<typeof planDrill>()(
      initialDrill({
        run: { id: 'r', execution: 'arn', database: 'd', startedAt: 'then', requestedBy: 'somebody' },
        drill: { due: true, why: 'w', backup: 'b', image: 'i', instance: 'i', keep: false },
      }),
    ),
  ],
  ['SweepDrills', answers<typeof sweepDrills>()({ removed: [], left: [] })],
  [
    'MakeDrill',
    answers<typeof makeDrill>()(
      { ...loop, identifier: 'i', status: 's', target: null, instanceMs: null },
      {
        ...{ ...loop, done: true, identifier: 'i', status: 's', instanceMs: 1 },
        target: { arn: 'a', host: 'h', port: 1, dbname: 'd' },
      },
    ),
  ],
  ['RecordDrill', answers<typeof recordDrill>()({ outcome: 'Drilled', succeeded: true, cause: '' })],
  ['KeepDrill', answers<typeof keepDrill>()({ kept: true })],
  ['RemoveDrill', answers<typeof removeDrill>()(loop)],
  ['KeepSnapshot', answers<typeof keepSnapshot>()({ kept: true })],
  [
    'PlanRestore',
    answers<typeof planRestore>()({
      ...{ target: { time: null, snapshot: null }, copy: 'c', digest: 'd', freeze: 'late', hydrate: true },
    }),
  ],
  ['CheckRestorable', answers<typeof checkRestorable>()({ ...loop, latest: null })],
  ['RestoreBeside', answers<typeof restoreBeside>()({ ...loop, identifier: 'i', resourceId: null, status: 's' })],
  ['ApplySettings', answers<typeof applySettings>()({ ...loop, taken: {}, quiet: 0, differing: 0 })],
  ['HydrateCopy', answers<typeof hydrateCopy>()({ ...loop, percent: null })],
  ['ValidateCopy', answers<typeof validateCopy>()(facts)],
  ['FindWrites', answers<typeof findWrites>()({ ...loop, slices: 0 })],
  [
    'Freeze',
    answers<typeof freeze>()({ done: false, waitSeconds: 1, clear: 0, ended: 0, until: 'then', busySince: null }),
  ],
  ['JudgeLoss', answers<typeof judgeLoss>()({ done: true, waitSeconds: 0, decision: 'replay' })],
  ['ReplayWrites', answers<typeof replayWrites>()({ done: true, waitSeconds: 0, rows: 0 })],
  ['Unfreeze', answers<typeof unfreeze>()({ ...loop, taken: true })],
  ['KeepCopy', answers<typeof keepCopy>()({ done: true, waitSeconds: 0, copy: null, resourceId: null, expires: null })],
  [
    'CutOver',
    answers<typeof cutOver>()(
      { ...loop, reversed: false, exchanging: null },
      { ...loop, reversed: false, exchanging: journal },
    ),
  ],
  ['VerifyRestore', answers<typeof verifyRestore>()(facts)],
  ['AdmitApplication', answers<typeof admitApplication>()(loop)],
  ['RetireInstance', answers<typeof retireInstance>()({ ...loop, identifier: 'i', expires: 'then', seconds: null })],
  [
    'AcceptState',
    answers<typeof acceptState>()({
      assessment: { state: 'Untouched', before: 0, after: 0, notes: [] },
    }),
  ],
  ['PlanBackup', answers<typeof planBackup>()({ id: 'b', made: false, verified: false, image: 'i' })],
  ['LaunchBackup', answers<typeof launchBackup>()(job)],
  ['PollBackup', answers<typeof pollBackup>()(job)],
  ['EndBackup', answers<typeof endBackup>()({ gone: true, aborted: 0, tries: 1, done: true, waitSeconds: 5 })],
  ['Conclude', answers<typeof conclude>()(end)],
  ['ReleaseLease', ['null']],
]);
