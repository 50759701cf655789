import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import {
  bare,
  executionArn,
  functionArn,
  machine,
  machineArn,
  named,
  task,
  withStepFunctions,
} from './with-step-functions.ts';

const inputDetails = { truncated: false };
const outputDetails = { truncated: false };

/** The events of an execution that its machine's role `m` ran, in the form in which AWS gives them. */
function started(input: string) {
  return {
    id: 1,
    previousEventId: 0,
    type: 'ExecutionStarted',
    executionStartedEventDetails: { input, inputDetails, roleArn: 'arn:aws:iam::000000000000:role/m' },
  };
}

test('a task tells its scheduling, start and success, and the first state follows on nothing, as recorded from AWS', async () => {
  await withStepFunctions(
    {
      machines: { m: machine({ Call: task('f', { TimeoutSeconds: 60, ResultPath: '$.result' }) }) },
      functions: { f: () => 'HelloWorld!' },
    },
    async ({ run }) => {
      const { events, output, status } = await run('m', { a: 1 });
      expect(status).toBe('SUCCEEDED');
      expect(output).toBe('{"a":1,"result":"HelloWorld!"}');
      expect(bare(events)).toEqual([
        started('{"a":1}'),
        {
          id: 2,
          previousEventId: 0,
          type: 'TaskStateEntered',
          stateEnteredEventDetails: { name: 'Call', input: '{"a":1}', inputDetails },
        },
        {
          id: 3,
          previousEventId: 2,
          type: 'LambdaFunctionScheduled',
          lambdaFunctionScheduledEventDetails: {
            resource: functionArn('f'),
            input: '{"a":1}',
            inputDetails,
            timeoutInSeconds: 60,
          },
        },
        { id: 4, previousEventId: 3, type: 'LambdaFunctionStarted' },
        {
          id: 5,
          previousEventId: 4,
          type: 'LambdaFunctionSucceeded',
          lambdaFunctionSucceededEventDetails: { output: '"HelloWorld!"', outputDetails },
        },
        {
          id: 6,
          previousEventId: 5,
          type: 'TaskStateExited',
          stateExitedEventDetails: { name: 'Call', output: '{"a":1,"result":"HelloWorld!"}', outputDetails },
        },
        {
          id: 7,
          previousEventId: 6,
          type: 'ExecutionSucceeded',
          executionSucceededEventDetails: { output: '{"a":1,"result":"HelloWorld!"}', outputDetails },
        },
      ]);
    },
  );
});

test('a failed, retried and caught task shows each attempt, and the state is left with what was caught', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({
          Call: task('f', {
            Retry: [{ ErrorEquals: ['FlakyError'], MaxAttempts: 1 }],
            Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Bad', ResultPath: '$.error' }],
          }),
          Bad: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
        }),
      },
      functions: {
        f: () => {
          throw named('FlakyError', 'try again');
        },
      },
    },
    async ({ run }) => {
      const { events, error, cause } = await run('m');
      const payload = '{"errorType":"FlakyError","errorMessage":"try again","trace":[]}';
      expect({ error, cause }).toEqual({ error: 'FlakyError', cause: payload });
      expect(events.map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        'TaskStateEntered',
        ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'],
        ...['LambdaFunctionScheduled', 'LambdaFunctionStarted', 'LambdaFunctionFailed'],
        'TaskStateExited',
        'FailStateEntered',
        'ExecutionFailed',
      ]);
      expect(events[4]?.lambdaFunctionFailedEventDetails).toEqual({ error: 'FlakyError', cause: payload });
      const output = JSON.parse(events[8]?.stateExitedEventDetails?.output ?? '');
      expect(output).toEqual({ error: { Error: 'FlakyError', Cause: payload } });
      expect(events[10]?.executionFailedEventDetails).toEqual({ error: 'FlakyError', cause: payload });
      expect(events.slice(2).map(({ previousEventId }) => previousEventId)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    },
  );
});

test('Choice, Pass, Wait and Succeed are entered and left', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({
          Which: {
            Type: 'Choice',
            Choices: [{ Variable: '$.go', BooleanEquals: true, Next: 'Make' }],
            Default: 'Make',
          },
          Make: { Type: 'Pass', Result: { made: true }, Next: 'Rest' },
          Rest: { Type: 'Wait', Seconds: 1, Next: 'Done' },
          Done: { Type: 'Succeed', OutputPath: '$.made' },
        }),
      },
    },
    async ({ run }) => {
      const { events, output } = await run('m', { go: true });
      expect(output).toBe('true');
      expect(events.map(({ type }) => type)).toEqual([
        'ExecutionStarted',
        ...['ChoiceStateEntered', 'ChoiceStateExited'],
        ...['PassStateEntered', 'PassStateExited'],
        ...['WaitStateEntered', 'WaitStateExited'],
        ...['SucceedStateEntered', 'SucceedStateExited'],
        'ExecutionSucceeded',
      ]);
    },
  );
});

test('a Fail state without error and cause fails without them', async () => {
  await withStepFunctions({ machines: { m: machine({ No: { Type: 'Fail' } }) } }, async ({ run }) => {
    const { events, status, error, cause } = await run('m');
    expect({ status, error, cause }).toEqual({ status: 'FAILED', error: undefined, cause: undefined });
    expect(bare(events).at(-1)).toEqual({
      id: 3,
      previousEventId: 2,
      type: 'ExecutionFailed',
      executionFailedEventDetails: {},
    });
  });
});

test('a child tells its scheduling, submission and success, and its output is JSON under Output', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({
          Run: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution.sync:2',
            Parameters: { StateMachineArn: machineArn('child'), Name: 'one', Input: { 'x.$': '$.x' } },
            TimeoutSeconds: 60,
            ResultSelector: { 'result.$': '$.Output.y', 'status.$': '$.Status', 'input.$': '$.Input' },
            End: true,
          },
        }),
        child: machine({ Make: { Type: 'Pass', Result: { y: [1] }, End: true } }),
      },
    },
    async ({ run }) => {
      const { events, output } = await run('m', { x: 'in' });
      expect(JSON.parse(output ?? '')).toEqual({ result: [1], status: 'SUCCEEDED', input: { x: 'in' } });
      const integration = { resourceType: 'states', resource: 'startExecution.sync:2' };
      const [scheduled, start, submitted, succeeded] = bare(events).slice(2);
      expect(scheduled).toEqual({
        id: 3,
        previousEventId: 2,
        type: 'TaskScheduled',
        taskScheduledEventDetails: {
          ...integration,
          region: 'eu-west-1',
          parameters: JSON.stringify({ StateMachineArn: machineArn('child'), Name: 'one', Input: { x: 'in' } }),
          timeoutInSeconds: 60,
        },
      });
      expect(start).toEqual({ id: 4, previousEventId: 3, type: 'TaskStarted', taskStartedEventDetails: integration });
      expect(submitted).toMatchObject({ id: 5, type: 'TaskSubmitted', taskSubmittedEventDetails: integration });
      expect(succeeded).toMatchObject({ id: 6, type: 'TaskSucceeded', taskSucceededEventDetails: integration });
      expect(JSON.parse(events[5]?.taskSucceededEventDetails?.output ?? '')).toEqual({
        ExecutionArn: executionArn('child', 'one'),
        Input: { x: 'in' },
        InputDetails: { Included: true },
        Name: 'one',
        Output: { y: [1] },
        OutputDetails: { Included: true },
        RedriveCount: 0,
        StartDate: expect.any(Number),
        StateMachineArn: machineArn('child'),
        Status: 'SUCCEEDED',
        StopDate: expect.any(Number),
      });
    },
  );
});

test('a history is read in pages, forwards and backwards, with and without data', async () => {
  await withStepFunctions(
    { machines: { m: machine({ Make: { Type: 'Pass', End: true } }) } },
    async ({ run, client }) => {
      const { executionArn: arn } = await run('m', { secret: 1 });
      const page = (more: object) => client.send(new GetExecutionHistoryCommand({ executionArn: arn, ...more }));
      const first = await page({ maxResults: 3 });
      const second = await page({ maxResults: 3, nextToken: first.nextToken });
      expect(first.events?.map(({ id }) => id)).toEqual([1, 2, 3]);
      expect(second.events?.map(({ id }) => id)).toEqual([4]);
      expect(second.nextToken).toBeUndefined();
      expect((await page({ reverseOrder: true })).events?.map(({ id }) => id)).toEqual([4, 3, 2, 1]);
      await expect(page({ nextToken: first.nextToken, reverseOrder: true })).rejects.toMatchObject({
        name: 'InvalidToken',
      });
      expect(JSON.stringify((await page({ includeExecutionData: false })).events)).not.toContain('secret');
      expect(first.events?.[0]?.timestamp?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    },
  );
});
