import type { handler as acceptState } from '../../functions/accept-state.ts';
import type { handler as acquireLease } from '../../functions/acquire-lease.ts';
import type { handler as adoptLease } from '../../functions/adopt-lease.ts';
import type { handler as assessDamage } from '../../functions/assess-damage.ts';
import type { handler as checkInstance } from '../../functions/check-instance.ts';
import type { handler as conclude } from '../../functions/conclude.ts';
import type { handler as createSnapshot } from '../../functions/create-snapshot.ts';
import type { handler as deleteJob } from '../../functions/delete-job.ts';
import type { handler as describeSnapshot } from '../../functions/describe-snapshot.ts';
import { initialState } from '../../functions/edge/state.ts';
import type { handler as endBackends } from '../../functions/end-backends.ts';
import type { handler as launchJob } from '../../functions/launch-job.ts';
import type { handler as planMigration } from '../../functions/plan-migration.ts';
import type { handler as pollJob } from '../../functions/poll-job.ts';
import type { handler as raiseToken } from '../../functions/raise-token.ts';
import type { handler as validateSchema } from '../../functions/validate-schema.ts';
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
    restore: null,
    requestedBy: 'somebody',
    startedAt: 'then',
  },
};
const state = initialState({ run, execution: 'arn', token: 1 });
const end: Answer<typeof conclude> = { outcome: 'Migrated', succeeded: true, dirty: null, cause: '' };
const snapshot = { id: 's', done: false, startedAt: 'then', waitSeconds: 5 };
const job = { name: 'j', launchedAt: 'then', phase: 'Pending', done: false, waitSeconds: 2 };

/** Every way in which each function answers, by the name under which the definitions ask for it. */
export const ANSWERS: ReadonlyMap<string, readonly Shape[]> = new Map([
  ['AcquireLease', answers<typeof acquireLease>()({ ...state, unsettled: run })],
  [
    'AdoptLease',
    answers<typeof adoptLease>()(
      { run: null, end: null },
      { ...state, end: null, error: null },
      { ...state, end: null, error: { Error: 'e', Cause: 'c' } },
      { ...state, end, error: null },
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
  ['AssessDamage', answers<typeof assessDamage>()({ state: 'Untouched', before: 0, after: 0, notes: [] })],
  [
    'AcceptState',
    answers<typeof acceptState>()({
      assessment: { state: 'Untouched', before: 0, after: 0, notes: [] },
    }),
  ],
  ['Conclude', answers<typeof conclude>()(end)],
  ['ReleaseLease', ['null']],
]);
