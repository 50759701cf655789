import type { Answer } from '../lambda/function.ts';
import { ServiceError } from '../service.ts';
import { type Attempt, detailsOf } from './attempt.ts';
import { dataLimitFailure, StateFailure } from './failure.ts';
import { whole } from './history.ts';
import { isTooLarge, type Json } from './json.ts';
import { within } from './pause.ts';

export type Invoke = (arn: string, payload: string) => Promise<Answer>;

/** Invokes a function by its ARN as Resource; its result, or its error under the name that it reports. */
export async function runFunction(arn: string, attempt: Attempt, invoke: Invoke): Promise<Json> {
  const { history, timeoutSeconds } = attempt;
  const input = JSON.stringify(attempt.input);
  const timeout = timeoutSeconds === null ? {} : { timeoutInSeconds: timeoutSeconds };
  history.add('LambdaFunctionScheduled', {
    lambdaFunctionScheduledEventDetails: { resource: arn, input, inputDetails: whole, ...timeout },
  });
  history.add('LambdaFunctionStarted');
  const answer = await within(timeoutSeconds, invoked(arn, input, invoke), attempt.signal);
  if (answer === 'timed out') {
    history.add('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' } });
    throw new StateFailure('States.Timeout', null);
  }
  const failure = answer instanceof StateFailure ? answer : isTooLarge(answer) ? dataLimitFailure(arn) : null;
  if (failure) {
    history.add('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: detailsOf(failure) });
    throw failure;
  }
  if (answer instanceof StateFailure) throw answer;
  history.add('LambdaFunctionSucceeded', {
    lambdaFunctionSucceededEventDetails: { output: answer, outputDetails: whole },
  });
  return JSON.parse(answer);
}

async function invoked(arn: string, input: string, invoke: Invoke): Promise<string | StateFailure> {
  try {
    const { payload, error } = await invoke(arn, input);
    return error ? new StateFailure(error.errorType, payload) : payload;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return new StateFailure(`Lambda.${error.code}`, error.message);
  }
}
