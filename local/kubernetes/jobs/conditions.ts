import type { Job } from '../objects/job.ts';
import { timestamp } from '../objects/metadata.ts';
import type { Condition } from '../objects/pod.ts';

/** What was decided of a Job, with the reason and message that the real controller gives. */
export type Decision = { type: 'FailureTarget' | 'SuccessCriteriaMet'; reason: string; message: string };

export const BACKOFF_LIMIT: Decision = {
  type: 'FailureTarget',
  reason: 'BackoffLimitExceeded',
  message: 'Job has reached the specified backoff limit',
};
export const DEADLINE: Decision = {
  type: 'FailureTarget',
  reason: 'DeadlineExceeded',
  message: 'Job was active longer than specified deadline',
};
export const COMPLETED: Decision = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

export function hasCondition(job: Job, type: string): boolean {
  return (job.status.conditions ?? []).some((each) => each.type === type && each.status === 'True');
}

export function isFinished(job: Job): boolean {
  return hasCondition(job, 'Complete') || hasCondition(job, 'Failed');
}

/** The decision that an earlier look wrote down. It stands, whatever happens to the pods since. */
export function decisionOf(job: Job): Decision | null {
  const found = (job.status.conditions ?? []).find(
    ({ type, status }) => (type === 'FailureTarget' || type === 'SuccessCriteriaMet') && status === 'True',
  );
  if (found === undefined) return null;
  const type = found.type === 'FailureTarget' ? 'FailureTarget' : 'SuccessCriteriaMet';
  return { type, reason: found.reason ?? '', message: found.message ?? '' };
}

/** The conditions with one of them set anew. */
export function withCondition(
  conditions: Condition[],
  wanted: { type: string; status: 'True' | 'False'; reason: string; message: string },
  now: Date,
): Condition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  if (before?.status === wanted.status && before.reason === wanted.reason) return conditions;
  const at = timestamp(now);
  const next = { ...wanted, lastProbeTime: at, lastTransitionTime: at };
  return before ? conditions.map((each) => (each === before ? next : each)) : [...conditions, next];
}
