import { ServiceError } from '../service.ts';
import { type Attempt, detailsOf } from './attempt.ts';
import type { Description } from './description.ts';
import { dataLimitFailure, runtimeFailure, StateFailure } from './failure.ts';
import { type History, whole } from './history.ts';
import { isObject, isTooLarge, type Json } from './json.ts';
import { within } from './pause.ts';

/** Another execution, as its parent sees it. */
export type Child = { description: Description; done: Promise<Description>; stop(): void };
export type StartChild = (request: { stateMachineArn: string; name: string | null; input: string }) => Child;

const SYNC = { resourceType: 'states', resource: 'startExecution.sync:2' };

/**
 * `startExecution.sync:2`: starts a child and waits for its end. The child is stopped when the parent is, or when the task
 * times out (https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html).
 */
export async function runChild(attempt: Attempt, options: { region: string; start: StartChild }): Promise<Json> {
  const { history, timeoutSeconds } = attempt;
  const timeout = timeoutSeconds === null ? {} : { timeoutInSeconds: timeoutSeconds };
  const parameters = JSON.stringify(attempt.input);
  history.add('TaskScheduled', {
    taskScheduledEventDetails: { ...SYNC, region: options.region, parameters, ...timeout },
  });
  history.add('TaskStarted', { taskStartedEventDetails: SYNC });
  const child = startedChild(attempt, options.start);
  history.add('TaskSubmitted', {
    taskSubmittedEventDetails: {
      ...SYNC,
      output: JSON.stringify({
        ExecutionArn: child.description.executionArn,
        SdkHttpMetadata: { HttpStatusCode: 200 },
        StartDate: child.description.startDate,
      }),
      outputDetails: whole,
    },
  });
  const end = await within(timeoutSeconds, child.done, attempt.signal).catch((interruption) => {
    child.stop();
    throw interruption;
  });
  if (end === 'timed out') {
    child.stop();
    history.add('TaskTimedOut', { taskTimedOutEventDetails: { ...SYNC, error: 'States.Timeout' } });
    throw new StateFailure('States.Timeout', null);
  }
  if (end.status !== 'SUCCEEDED') {
    throw failedTask(history, new StateFailure('States.TaskFailed', JSON.stringify(childFields(end, (text) => text))));
  }
  const fields = childFields(end, (text) => JSON.parse(text));
  const output = JSON.stringify(fields);
  if (isTooLarge(output)) throw failedTask(history, dataLimitFailure(SYNC.resourceType));
  history.add('TaskSucceeded', { taskSucceededEventDetails: { ...SYNC, output, outputDetails: whole } });
  return fields;
}

function startedChild({ input, history }: Attempt, start: StartChild): Child {
  if (!isObject(input)) throw runtimeFailure('The Parameters of startExecution.sync:2 are not an object.');
  const { StateMachineArn: stateMachineArn, Name: name = null, Input: given = null } = input;
  const text = given === null ? '{}' : typeof given === 'string' ? given : JSON.stringify(given);
  try {
    return start({ stateMachineArn: String(stateMachineArn), name: name === null ? null : String(name), input: text });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const from = `(Service: AWSStepFunctions; Status Code: ${error.status}; Error Code: ${error.code}; Request ID: local; Proxy: null)`;
    throw failedTask(
      history,
      new StateFailure(`StepFunctions.${error.code.replace(/Exception$/, '')}Exception`, `${error.message} ${from}`),
    );
  }
}

function failedTask(history: History, failure: StateFailure): StateFailure {
  history.add('TaskFailed', { taskFailedEventDetails: { ...SYNC, ...detailsOf(failure) } });
  return failure;
}

/** A child as the integration shows it: PascalCase, dates in milliseconds. In a failure's Cause the input stays text. */
function childFields(end: Description, read: (text: string) => Json): Json {
  return {
    ExecutionArn: end.executionArn,
    Input: read(end.input),
    InputDetails: { Included: true },
    Name: end.name,
    ...(end.error === null ? {} : { Error: end.error }),
    ...(end.cause === null ? {} : { Cause: end.cause }),
    ...(end.output === null ? {} : { Output: read(end.output), OutputDetails: { Included: true } }),
    RedriveCount: 0,
    StartDate: end.startDate,
    StateMachineArn: end.stateMachineArn,
    Status: end.status,
    StopDate: end.stopDate,
  };
}
