import type { HistoryEvent } from '@aws-sdk/client-sfn';
import * as z from 'zod/mini';
import { faultOf } from '../../lib/runs/cause.ts';
import type { Change, Step } from './step.ts';

/** What is known of an execution from its events so far. */
export type History = {
  machine: string;
  depth: number;
  steps: Step[];
  /** The highest event that was read. */
  last: number;
  /** How it ended: SUCCEEDED, FAILED, ABORTED, TIMED_OUT; null while it runs. */
  status: string | null;
  /** Which step an event belongs to: that of the event before it. */
  stepOf: Map<number, Step>;
};

export function newHistory(machine: string, depth: number): History {
  return { machine, depth, steps: [], last: 0, status: null, stepOf: new Map() };
}

const ENDS: Record<string, string> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionAborted: 'ABORTED',
  ExecutionTimedOut: 'TIMED_OUT',
};

/**
 * Takes further events, oldest first, into the history and says what they changed. Events that it has already are
 * skipped. https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function readEvents(history: History, events: readonly HistoryEvent[]): Change[] {
  return events.flatMap((event) => {
    const id = event.id ?? 0;
    if (id <= history.last) return [];
    history.last = id;
    return readEvent(history, event, id);
  });
}

function readEvent(history: History, event: HistoryEvent, id: number): Change[] {
  const type = event.type ?? '';
  const at = event.timestamp ?? new Date(0);
  const status = ENDS[type];
  if (status !== undefined) return end(history, event, status, at);
  if (type.endsWith('StateEntered')) {
    const step = enter(history, type.slice(0, -'StateEntered'.length), event.stateEnteredEventDetails?.name ?? '', at);
    history.stepOf.set(id, step);
    return [{ what: 'entered', at, step }];
  }
  const step = history.stepOf.get(event.previousEventId ?? 0);
  if (step === undefined) return [];
  history.stepOf.set(id, step);
  if (type.endsWith('StateExited')) return [leave(step, at)];
  const failure = failureOf(event);
  if (failure !== null) {
    step.failures += 1;
    step.error = failure;
    return [{ what: 'failed', at, step }];
  }
  if (type === 'LambdaFunctionSucceeded' || type === 'TaskSucceeded') step.error = null;
  if (type === 'TaskSubmitted') step.child = childOf(event.taskSubmittedEventDetails?.output) ?? step.child;
  return [];
}

function enter(history: History, type: string, state: string, enteredAt: Date): Step {
  const { machine, depth, steps } = history;
  const round = steps.filter((step) => step.state === state).length;
  const nothing = { ms: null, failures: 0, error: null, child: null };
  const step: Step = { machine, state, type, depth, enteredAt, round, ...nothing };
  steps.push(step);
  return step;
}

function leave(step: Step, at: Date): Change {
  step.ms = at.getTime() - step.enteredAt.getTime();
  return { what: 'left', at, step };
}

/** The end of an execution is the end of whatever it was in; a Fail state has no event of its own for that. */
function end(history: History, event: HistoryEvent, status: string, at: Date): Change[] {
  history.status = status;
  const why = failureOf(event) ?? (status === 'SUCCEEDED' ? null : { name: event.type ?? status, message: '' });
  return history.steps
    .filter((step) => step.ms === null)
    .map((step) => {
      step.error ??= why;
      return leave(step, at);
    });
}

function failureOf(event: HistoryEvent): { name: string; message: string } | null {
  const details =
    event.lambdaFunctionFailedEventDetails ??
    event.lambdaFunctionTimedOutEventDetails ??
    event.lambdaFunctionScheduleFailedEventDetails ??
    event.lambdaFunctionStartFailedEventDetails ??
    event.taskFailedEventDetails ??
    event.taskTimedOutEventDetails ??
    event.taskStartFailedEventDetails ??
    event.taskSubmitFailedEventDetails ??
    event.executionFailedEventDetails ??
    event.executionTimedOutEventDetails ??
    event.executionAbortedEventDetails;
  if (details === undefined) return null;
  const { name, message } = faultOf({ Error: details.error ?? event.type ?? '', Cause: details.cause ?? '' });
  return { name, message };
}

const submitted = z.object({ ExecutionArn: z.string() });

function childOf(output: string | undefined): string | null {
  if (output === undefined) return null;
  const parsed = submitted.safeParse(JSON.parse(output));
  return parsed.success ? parsed.data.ExecutionArn : null;
}
