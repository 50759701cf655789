import { contextOf } from './context.ts';
import type { Description, Status } from './description.ts';
import { StateFailure } from './failure.ts';
import { createHistory, type HistoryEvent, whole } from './history.ts';
import { interpret } from './interpret.ts';
import type { Json } from './json.ts';
import type { Machine } from './machine.ts';
import type { World } from './visit.ts';

/** An execution that runs. */
export type Execution = {
  /** As it is now; `done` gives the last one. */
  readonly description: Description;
  readonly events: HistoryEvent[];
  done: Promise<Description>;
  /** Aborts it at once. What it started outside goes on, and its answer is not heard. */
  stop(error: string | null, cause: string | null): void;
};

/** Where an execution is kept. */
export type Keeper = {
  append(event: HistoryEvent): void;
  save(description: Description): void;
};

/** How an execution ends, before it is written down. */
export type End = {
  status: Exclude<Status, 'RUNNING'>;
  output: string | null;
  error: string | null;
  cause: string | null;
};

/** Starts an execution of `machine`. */
export function startExecution(options: {
  machine: Machine;
  name: string;
  arn: string;
  input: string;
  keeper: Keeper;
  world: World;
  /** Told of each status, the first and the last. */
  onStatus: (description: Description) => void;
}): Execution {
  const { machine, keeper, world } = options;
  const history = createHistory({ now: world.now, append: keeper.append });
  let description: Description = {
    executionArn: options.arn,
    stateMachineArn: machine.arn,
    name: options.name,
    status: 'RUNNING',
    startDate: world.now().getTime(),
    stopDate: null,
    input: options.input,
    output: null,
    error: null,
    cause: null,
  };
  const aborting = new AbortController();
  const seconds = machine.compiled.TimeoutSeconds;
  const timer =
    seconds === undefined
      ? undefined
      : setTimeout(() => aborting.abort(interrupted('TIMED_OUT', null, null)), Math.min(seconds * 1000, 2 ** 31 - 1));
  const parsed: Json = JSON.parse(options.input);

  keeper.save(description);
  history.add('ExecutionStarted', {
    executionStartedEventDetails: { input: options.input, inputDetails: whole, roleArn: machine.roleArn },
  });
  options.onStatus(description);

  const done = interpret({
    machine,
    input: parsed,
    contextOf: contextOf(description, machine, parsed),
    history,
    signal: aborting.signal,
    world,
  }).then(
    (output) => finish({ status: 'SUCCEEDED', output: JSON.stringify(output), error: null, cause: null }),
    (reason) => finish(endOf(reason)),
  );

  function finish(end: End): Description {
    clearTimeout(timer);
    const { type, details } = lastEvent(end);
    history.close(type, details);
    description = { ...description, ...end, stopDate: world.now().getTime() };
    keeper.save(description);
    options.onStatus(description);
    return description;
  }

  return {
    get description() {
      return description;
    },
    events: history.events,
    done,
    stop: (error, cause) => aborting.abort(interrupted('ABORTED', error, cause)),
  };
}

/** What an execution is interrupted with: how it then ends. */
class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly end: End;
  constructor(end: End) {
    super(end.status);
    this.end = end;
  }
}

function interrupted(status: 'ABORTED' | 'TIMED_OUT', error: string | null, cause: string | null): Interruption {
  return new Interruption({ status, output: null, error, cause });
}

/** Whatever else went wrong is a fault of this cloud, and shows as one. */
function endOf(reason: unknown): End {
  if (reason instanceof Interruption) return reason.end;
  const failed: Pick<End, 'status' | 'output'> = { status: 'FAILED', output: null };
  if (reason instanceof StateFailure) return { ...failed, error: reason.error, cause: reason.reason };
  return {
    ...failed,
    error: 'LocalCloud.Fault',
    cause: reason instanceof Error ? (reason.stack ?? '') : String(reason),
  };
}

/** The event that ends an execution. */
export function lastEvent({ status, output, error, cause }: End): { type: string; details: Record<string, object> } {
  const told = { ...(error === null ? {} : { error }), ...(cause === null ? {} : { cause }) };
  switch (status) {
    case 'SUCCEEDED':
      return {
        type: 'ExecutionSucceeded',
        details: { executionSucceededEventDetails: { output, outputDetails: whole } },
      };
    case 'FAILED':
      return { type: 'ExecutionFailed', details: { executionFailedEventDetails: told } };
    case 'ABORTED':
      return { type: 'ExecutionAborted', details: { executionAbortedEventDetails: told } };
    case 'TIMED_OUT':
      return { type: 'ExecutionTimedOut', details: { executionTimedOutEventDetails: { error: 'States.Timeout' } } };
  }
}
