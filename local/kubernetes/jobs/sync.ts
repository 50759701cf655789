import { isDeepStrictEqual } from 'node:util';
import { removePod } from '../api/delete.ts';
import { StatusError } from '../api/status.ts';
import type { Cluster, Pace } from '../cluster.ts';
import type { Job, JobStatus } from '../objects/job.ts';
import { timestamp } from '../objects/metadata.ts';
import type { Pod } from '../objects/pod.ts';
import { save, withoutFinalizer } from '../store/lifecycle.ts';
import {
  BACKOFF_LIMIT,
  COMPLETED,
  DEADLINE,
  type Decision,
  decisionOf,
  hasCondition,
  isFinished,
  withCondition,
} from './conditions.ts';
import { makePod } from './make-pod.ts';
import { TRACKING } from './prepare.ts';

const LONGEST_BACKOFF_MS = 360_000;

/** What the controller remembers of a Job between two looks; a restart forgets it, as in the real one. */
export type Memory = { lastFailure: number; refusals: number };

/**
 * One look at a Job: counts the pods that have ended, decides, ends or makes pods, and writes the status down. Follows the
 * real controller (pkg/controller/job, 1.32), interim conditions included: `FailureTarget` and `SuccessCriteriaMet` say that
 * it is decided; `Failed` and `Complete` follow when no pod runs any more.
 *
 * Returns after how many milliseconds to look again, or null.
 */
export function syncJob(cluster: Cluster, pace: Pace, job: Job, memory: Memory): number | null {
  const { store, now } = cluster;
  const pods = store.pods.list(job.metadata.namespace).filter((pod) => isOf(pod, job));
  const counted = count(cluster, job, pods, memory);
  const active = pods.filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp === undefined);
  const terminating = pods.filter((pod) => !isOver(pod) && pod.metadata.deletionTimestamp !== undefined);
  if (isFinished(job)) return null;

  const isSuspended = job.spec.suspend;
  let status: JobStatus = { ...job.status, ...counted };
  if (status.startTime === undefined && !isSuspended) status = { ...status, startTime: timestamp(now()) };
  status = suspension(cluster, job, status);
  const decision = decisionOf(job) ?? decide(job, status, active.length, now());
  let again: number | null = null;
  let running = active;
  if (decision !== null || isSuspended) {
    for (const pod of active) end(cluster, job, pod);
    terminating.push(...active);
    running = [];
  } else if (job.metadata.deletionTimestamp === undefined) {
    again = untilDeadline(job, status, now());
    if (active.length === 0) {
      const wait = backOff(pace, status, memory);
      if (wait > 0) again = Math.min(wait, again ?? wait);
      else {
        const made = tryToMake(cluster, job, memory);
        if (made === null) again = Math.min(retryIn(memory), again ?? Number.POSITIVE_INFINITY);
        else running = [made];
      }
    }
  }
  const ready = running.filter(({ status: { conditions } }) =>
    conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
  ).length;
  const left = terminating.filter((pod) => store.pods.get(pod.metadata.namespace, pod.metadata.name)).length;
  const { active: _, ...rest } = status;
  // The real server leaves a zero out of `active`, and out of no other count.
  status = { ...rest, ready, terminating: left, uncountedTerminatedPods: {} };
  if (running.length > 0) status = { ...status, active: running.length };
  write(cluster, job, conclude(cluster, job, status, decision));
  return again;
}

/** The pods that the Job controls. */
export function isOf(pod: Pod, job: Job): boolean {
  return (
    pod.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === job.metadata.uid) ??
    false
  );
}

/** A pod whose Job is gone or let go of it need not wait to be counted. */
export function releasePod(cluster: Cluster, pod: Pod): void {
  if (pod.metadata.finalizers?.includes(TRACKING)) save(cluster.store.pods, withoutFinalizer(pod, TRACKING));
}

/** Counts each pod once: its finalizer says that it has not been counted. A pod that is being deleted counts as failed. */
function count(cluster: Cluster, job: Job, pods: Pod[], memory: Memory): Pick<JobStatus, 'succeeded' | 'failed'> {
  let { succeeded = 0, failed = 0 } = job.status;
  for (const pod of pods.filter(({ metadata }) => metadata.finalizers?.includes(TRACKING))) {
    if (pod.status.phase === 'Succeeded') succeeded += 1;
    else if (pod.status.phase === 'Failed' || pod.metadata.deletionTimestamp !== undefined) {
      failed += 1;
      memory.lastFailure = performance.now();
    } else continue;
    releasePod(cluster, pod);
  }
  return { ...(succeeded > 0 ? { succeeded } : {}), ...(failed > 0 ? { failed } : {}) };
}

function decide(job: Job, status: JobStatus, active: number, now: Date): Decision | null {
  if ((status.failed ?? 0) > job.spec.backoffLimit) return BACKOFF_LIMIT;
  const left = untilDeadline(job, status, now);
  if (left !== null && left <= 0) return DEADLINE;
  return (status.succeeded ?? 0) >= job.spec.completions && active === 0 ? COMPLETED : null;
}

/** Milliseconds; null without a deadline, and while the Job is suspended. */
function untilDeadline({ spec }: Job, { startTime }: JobStatus, now: Date): number | null {
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined || spec.suspend) return null;
  return Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - now.getTime();
}

/** How long the next pod has to wait because earlier ones failed. */
function backOff(pace: Pace, { failed = 0 }: JobStatus, memory: Memory): number {
  if (failed === 0) return 0;
  const delay = Math.min(pace.podBackOff * 2 ** (failed - 1), LONGEST_BACKOFF_MS);
  return memory.lastFailure + delay - performance.now();
}

function retryIn({ refusals }: Memory): number {
  return Math.min(1_000 * 2 ** (refusals - 1), 60_000);
}

function tryToMake(cluster: Cluster, job: Job, memory: Memory): Pod | null {
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
    cluster.record({ about: job, type, reason, message, component: 'job-controller' });
  try {
    const pod = makePod(cluster, job);
    memory.refusals = 0;
    tell('Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
    return pod;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    memory.refusals += 1;
    tell('Warning', 'FailedCreate', `Error creating: ${error.message}`);
    return null;
  }
}

function end(cluster: Cluster, job: Job, pod: Pod): void {
  const current = cluster.store.pods.get(pod.metadata.namespace, pod.metadata.name);
  if (!current) return;
  removePod(cluster.store, current, cluster.now());
  const message = `Deleted pod: ${pod.metadata.name}`;
  cluster.record({ about: job, type: 'Normal', reason: 'SuccessfulDelete', message, component: 'job-controller' });
}

/** A Job that is resumed starts anew: its deadline counts from then. */
function suspension(cluster: Cluster, job: Job, status: JobStatus): JobStatus {
  const is = hasCondition(job, 'Suspended');
  const { suspend } = job.spec;
  if (is === suspend) return status;
  const [reason, message] = suspend ? ['Suspended', 'Job suspended'] : ['Resumed', 'Job resumed'];
  cluster.record({ about: job, type: 'Normal', reason, message, component: 'job-controller' });
  const condition = { type: 'Suspended', status: suspend ? 'True' : 'False', reason: `Job${reason}`, message } as const;
  const conditions = withCondition(status.conditions ?? [], condition, cluster.now());
  const { startTime: _, ...rest } = status;
  return suspend ? { ...rest, conditions } : { ...rest, conditions, startTime: timestamp(cluster.now()) };
}

/** Writes a decision down first, and its consequence when no pod is left that could still do something. */
function conclude(cluster: Cluster, job: Job, status: JobStatus, decision: Decision | null): JobStatus {
  if (decision === null) return status;
  const { type, reason, message } = decision;
  const now = cluster.now();
  const interim = withCondition(status.conditions ?? [], { type, status: 'True', reason, message }, now);
  if (decisionOf(job) === null || (status.active ?? 0) + (status.terminating ?? 0) > 0)
    return { ...status, conditions: interim };
  const isFailure = type === 'FailureTarget';
  const final = { type: isFailure ? 'Failed' : 'Complete', status: 'True', reason, message } as const;
  const conditions = withCondition(interim, final, now);
  cluster.record({
    about: job,
    type: isFailure ? 'Warning' : 'Normal',
    reason: isFailure ? reason : 'Completed',
    message: isFailure ? message : 'Job completed',
    component: 'job-controller',
  });
  return { ...status, conditions, ...(isFailure ? {} : { completionTime: timestamp(now) }) };
}

function write(cluster: Cluster, job: Job, status: JobStatus): void {
  const current = cluster.store.jobs.get(job.metadata.namespace, job.metadata.name);
  if (current?.metadata.uid !== job.metadata.uid || isDeepStrictEqual(current.status, status)) return;
  cluster.store.jobs.put({ ...current, status });
}

function isOver({ status: { phase } }: Pod): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
