import { type Machine, readMachine } from './asl/machine.ts';

/** A machine of these states, the first of which starts it. */
export function fixture(name: string, states: Record<string, Record<string, unknown>>): Machine {
  return readMachine(name, { StartAt: Object.keys(states)[0], TimeoutSeconds: 100, States: states });
}

const transport = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
  'Lambda.ResourceNotReadyException',
  'Lambda.ResourceConflictException',
];

const nestedTransport = [
  'StepFunctions.ThrottlingException',
  'StepFunctions.AWSStepFunctionsException',
  'StepFunctions.SdkClientException',
];

const politely = { IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, MaxDelaySeconds: 9, JitterStrategy: 'FULL' };

/** A Task that no guard complains of, which calls `function` and goes on to `Next`, with what is to be wrong about it. */
export function task(name: string, Next: string, other: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Type: 'Task',
    Resource: `\${${name}}`,
    TimeoutSeconds: 20,
    Retry: [{ ErrorEquals: transport, ...politely }],
    Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Broken' }],
    Next,
    ...other,
  };
}

/** A Task that starts the machine `name` and waits for it. */
export function nested(name: string, Next: string, other: Record<string, unknown> = {}): Record<string, unknown> {
  return task('', Next, {
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn: `\${${name}}`, Input: { 'run.$': '$.run' } },
    TimeoutSeconds: 200,
    Retry: [{ ErrorEquals: nestedTransport, ...politely }],
    ...other,
  });
}

export const retry = (...ErrorEquals: string[]) => [
  { ErrorEquals: transport, ...politely },
  { ErrorEquals, ...politely },
];

export const done = { Type: 'Succeed' };
export const broken = { Type: 'Fail', Error: 'BrokenError', Cause: 'It broke.' };
