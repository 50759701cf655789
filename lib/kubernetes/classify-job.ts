import type { Event, Job, Pod } from './objects.ts';

/**
 * What a Job is doing.
 *
 * Only `Complete=True` and `Failed=True` are ends. `SuccessCriteriaMet` and `FailureTarget` (Kubernetes 1.31) are decisions
 * whose pods may still be writing: not ends. `status.failed` and `status.succeeded` are no verdicts either.
 * https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
 */
export type JobState =
  | { state: 'Pending' | 'Running' | 'Ending' | 'Succeeded' | 'Vanished'; detail: string }
  | { state: 'Failed'; reason: string; detail: string }
  /** No pod of it will ever run: say so now and not at the deadline. */
  | { state: 'Stuck'; reason: string; detail: string };

/** Reasons of a waiting container that never heal without another Job. */
const NEVER_HEALS = new Set([
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
]);

/** Reasons that a slow registry or an autoscaler may heal. */
const MAY_HEAL = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable', 'Unschedulable']);

export type Patience = {
  /** For what never heals, since a status may be a moment old. Seconds. */
  grace: number;
  /** For what may heal: a pull that is retried, a node that is being added. Seconds. */
  budget: number;
};

/** @param job null when the API knows no Job of the name */
export function classifyJob(input: {
  job: Job | null;
  pods: Pod[];
  events: Event[];
  now: Date;
  patience: Patience;
}): JobState {
  const { job, pods, events, now, patience } = input;
  if (job === null) return { state: 'Vanished', detail: 'There is no such Job.' };
  const is = (type: string) => job.status.conditions.find((each) => each.type === type && each.status === 'True');
  const failed = is('Failed');
  if (failed) return { state: 'Failed', reason: failed.reason || 'Failed', detail: failed.message };
  if (is('Complete')) return { state: 'Succeeded', detail: '' };
  const failing = is('FailureTarget');
  if (failing) return { state: 'Ending', detail: `${failing.reason}: ${failing.message}` };
  if (is('SuccessCriteriaMet')) return { state: 'Ending', detail: 'its pod ended well' };
  if (job.metadata.deletionTimestamp !== null) return { state: 'Ending', detail: 'it is being deleted' };
  if (is('Suspended')) return { state: 'Pending', detail: 'it is suspended' };

  const created = job.metadata.creationTimestamp;
  if (pods.length === 0) return withoutPods(events, created, now, patience);
  if (pods.some((pod) => pod.status.phase === 'Running')) return { state: 'Running', detail: '' };
  for (const obstacle of pods.flatMap(obstacles)) {
    const limit = NEVER_HEALS.has(obstacle.reason)
      ? patience.grace
      : MAY_HEAL.has(obstacle.reason)
        ? patience.budget
        : null;
    const { reason, detail, since } = obstacle;
    if (limit !== null && secondsSince(since ?? created, now) >= limit) return { state: 'Stuck', reason, detail };
    if (limit !== null) return { state: 'Pending', detail: `${reason}: ${detail}` };
  }
  return { state: 'Pending', detail: 'its pod has not started' };
}

/** A pod that cannot be made leaves no trace but an event of the Job: a missing account, quota, admission. */
function withoutPods(events: Event[], created: string | null, now: Date, patience: Patience): JobState {
  const refused = events.find((each) => each.reason === 'FailedCreate');
  if (refused === undefined) {
    const age = secondsSince(created, now);
    return age >= patience.budget
      ? { state: 'Stuck', reason: 'NoPod', detail: `No pod was made in ${Math.round(age)} s.` }
      : { state: 'Pending', detail: 'it has no pod yet' };
  }
  return secondsSince(refused.firstTimestamp ?? refused.eventTime ?? created, now) >= patience.grace
    ? { state: 'Stuck', reason: refused.reason, detail: refused.message }
    : { state: 'Pending', detail: refused.message };
}

/** A pod may have waited long for its node before it can meet anything there: each obstacle has a time of its own. */
type Obstacle = { reason: string; detail: string; since: string | null };

function obstacles(pod: Pod): Obstacle[] {
  const scheduled = pod.status.conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'True');
  const since = scheduled?.lastTransitionTime ?? pod.metadata.creationTimestamp;
  const waiting = [...pod.status.initContainerStatuses, ...pod.status.containerStatuses].flatMap(({ state }) =>
    state.waiting ? [{ reason: state.waiting.reason, detail: state.waiting.message, since }] : [],
  );
  const unscheduled = pod.status.conditions
    .filter((each) => each.type === 'PodScheduled' && each.status === 'False')
    .map(({ reason, message, lastTransitionTime }) => {
      return { reason, detail: message, since: lastTransitionTime ?? pod.metadata.creationTimestamp };
    });
  return [...waiting, ...unscheduled];
}

function secondsSince(time: string | null, now: Date): number {
  return time === null ? 0 : (now.getTime() - Date.parse(time)) / 1000;
}
