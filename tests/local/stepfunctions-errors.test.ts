import { DescribeExecutionCommand, GetExecutionHistoryCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { StateFailure } from '../../local/stepfunctions/failure.ts';
import type { JsonObject } from '../../local/stepfunctions/json.ts';
import { startRetries } from '../../local/stepfunctions/retry.ts';
import {
  executionArn,
  functionArn,
  machine,
  machineArn,
  named,
  task,
  withStepFunctions,
} from './with-step-functions.ts';

const fails =
  (name: string, message = 'no') =>
  () => {
    throw named(name, message);
  };

const child = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: { StateMachineArn: machineArn(name), Input: { 'in.$': '$' } },
  ...(more.Next ? {} : { End: true }),
  ...more,
});

const never = () => new Promise(() => undefined);

test("a failed child is States.TaskFailed, whose cause is the child's description, down to the first error", async () => {
  await withStepFunctions(
    {
      machines: {
        top: machine({ Run: child('middle') }),
        middle: machine({ Run: child('bottom') }),
        bottom: machine({ Call: task('f') }),
      },
      functions: { f: fails('DeepError', 'down here') },
    },
    async ({ run }) => {
      const { status, error, cause } = await run('top', { a: 1 });
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.TaskFailed' });
      const middle = JSON.parse(cause ?? '');
      expect(middle).toEqual({
        ExecutionArn: expect.stringContaining('execution:middle:'),
        StateMachineArn: machineArn('middle'),
        Name: expect.any(String),
        Input: '{"in":{"a":1}}',
        InputDetails: { Included: true },
        RedriveCount: 0,
        StartDate: expect.any(Number),
        StopDate: expect.any(Number),
        Status: 'FAILED',
        Error: 'States.TaskFailed',
        Cause: expect.any(String),
      });
      const bottom = JSON.parse(middle.Cause);
      expect(bottom).toMatchObject({ Status: 'FAILED', Error: 'DeepError' });
      expect(JSON.parse(bottom.Cause)).toEqual({ errorType: 'DeepError', errorMessage: 'down here', trace: [] });
    },
  );
});

test('a child that cannot be started is an error of StepFunctions, and can be caught by name', async () => {
  const taken = { StateMachineArn: machineArn('child'), Name: 'taken', Input: { other: true } };
  await withStepFunctions(
    {
      machines: {
        top: machine({
          Run: child('child', {
            Parameters: taken,
            Catch: [{ ErrorEquals: ['StepFunctions.ExecutionAlreadyExistsException'], Next: 'Caught' }],
          }),
          Caught: { Type: 'Succeed' },
        }),
        child: machine({ Rest: { Type: 'Pass', End: true } }),
      },
    },
    async ({ start, ended, run }) => {
      await ended(await start('child', {}, 'taken'));
      const { output, events } = await run('top');
      expect(JSON.parse(output ?? '')).toEqual({
        Error: 'StepFunctions.ExecutionAlreadyExistsException',
        Cause: expect.stringContaining(`Execution Already Exists: '${executionArn('child', 'taken')}' (Service:`),
      });
      expect(events.map(({ type }) => type)).toContain('TaskFailed');
    },
  );
});

test('a stopped parent stops its child, and a time-out of the task does too', async () => {
  await withStepFunctions(
    {
      machines: {
        top: machine({ Run: child('child') }),
        hasty: machine({
          Run: child('child', { TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Caught' }] }),
          Caught: { Type: 'Succeed' },
        }),
        child: machine({ Call: task('f') }),
      },
      functions: { f: never },
    },
    async ({ client, start, run, endOf, ended }) => {
      const top = await start('top');
      const gone = endOf('child');
      await client.send(new StopExecutionCommand({ executionArn: top, error: 'Enough', cause: 'a person' }));
      expect((await gone).detail).toMatchObject({ status: 'ABORTED' });
      expect(await ended(top)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'a person' });

      const again = endOf('child');
      const { output, events } = await run('hasty');
      expect(output).toBe('{"Error":"States.Timeout","Cause":""}');
      expect(events.find(({ type }) => type === 'TaskTimedOut')?.taskTimedOutEventDetails).toEqual({
        resourceType: 'states',
        resource: 'startExecution.sync:2',
        error: 'States.Timeout',
      });
      expect((await again).detail).toMatchObject({ status: 'ABORTED' });
    },
  );
});

test('a task that takes too long is States.Timeout, which States.TaskFailed does not catch', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({
          Call: task('f', { TimeoutSeconds: 1, Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Caught' }] }),
          Caught: { Type: 'Succeed' },
        }),
      },
      functions: { f: never },
    },
    async ({ run }) => {
      const { events, status, error, cause } = await run('m');
      expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
      expect(events.map(({ type }) => type).slice(-2)).toEqual(['LambdaFunctionTimedOut', 'ExecutionFailed']);
      expect(events.at(-2)?.lambdaFunctionTimedOutEventDetails).toEqual({ error: 'States.Timeout' });
    },
  );
});

test("the machine's own time-out ends the execution past every catch, in real seconds", async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine(
          {
            Call: task('f', { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] }),
            Caught: { Type: 'Succeed' },
          },
          { TimeoutSeconds: 1 },
        ),
      },
      functions: { f: never },
    },
    async ({ run }) => {
      const { status, error, cause, events, startDate, stopDate } = await run('m');
      expect({ status, error, cause }).toEqual({ status: 'TIMED_OUT', error: undefined, cause: undefined });
      expect(Number(stopDate) - Number(startDate)).toBeGreaterThanOrEqual(990);
      expect(events.at(-1)).toMatchObject({
        type: 'ExecutionTimedOut',
        previousEventId: 0,
        executionTimedOutEventDetails: { error: 'States.Timeout' },
      });
    },
  );
});

test('a child that times out is a failed task to its parent', async () => {
  await withStepFunctions(
    {
      machines: {
        top: machine({ Run: child('child') }),
        child: machine({ Rest: { Type: 'Wait', Seconds: 99_999, End: true } }, { TimeoutSeconds: 1 }),
      },
    },
    async ({ run }) => {
      const { error, cause } = await run('top');
      expect(error).toBe('States.TaskFailed');
      expect(JSON.parse(cause ?? '')).toMatchObject({ Status: 'TIMED_OUT' });
    },
  );
});

test('a stop is at once; the function in flight goes on, and its answer is not heard', async () => {
  let answer = (_: unknown): void => undefined;
  const answered = new Promise((resolve) => {
    answer = resolve;
  });
  const called: string[] = [];
  await withStepFunctions(
    {
      machines: { m: machine({ Call: task('f', { Next: 'Then' }), Then: task('g') }) },
      functions: {
        f: () => answered,
        g: () => called.push('g'),
      },
    },
    async ({ client, start, history }) => {
      const arn = await start('m');
      const { stopDate } = await client.send(new StopExecutionCommand({ executionArn: arn }));
      const after = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
      expect(after).toMatchObject({ status: 'ABORTED', stopDate });
      expect(after).not.toHaveProperty('error');
      answer('too late');
      await new Promise(setImmediate);
      const events = await history(arn);
      expect(events.at(-1)).toMatchObject({
        type: 'ExecutionAborted',
        previousEventId: 0,
        executionAbortedEventDetails: {},
      });
      expect(called).toEqual([]);
      expect((await client.send(new StopExecutionCommand({ executionArn: arn, error: 'Again' }))).stopDate).toEqual(
        stopDate,
      );
      expect((await client.send(new DescribeExecutionCommand({ executionArn: arn }))).error).toBeUndefined();
    },
  );
});

test.each([
  [
    'a path of Parameters',
    task('f', { Parameters: { 'a.$': '$.not' } }),
    `The JSONPath '$.not' specified for the field 'a.$' could not be found in the input '{"a":1}'`,
  ],
  ['InputPath', task('f', { InputPath: '$.not' }), "Invalid path '$.not' : No results for path: $['not']"],
  [
    'OutputPath',
    task('f', { OutputPath: '$.not.there' }),
    "Invalid path '$.not.there' : Missing property in path $['not']",
  ],
])('%s that finds nothing is States.Runtime, which nothing catches or retries', async (_, state, reason) => {
  const handlers = {
    Retry: [{ ErrorEquals: ['States.ALL'] }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
  };
  await withStepFunctions(
    {
      machines: { m: machine({ Call: { ...state, ...handlers }, Caught: { Type: 'Succeed' } }) },
      functions: { f: () => ({}) },
    },
    async ({ run }) => {
      const { status, error, cause, events } = await run('m', { a: 1 });
      expect({ status, error, cause }).toEqual({
        status: 'FAILED',
        error: 'States.Runtime',
        cause: `An error occurred while executing the state 'Call' (entered at the event id #2). ${reason}`,
      });
      expect(events.at(-1)?.type).toBe('ExecutionFailed');
    },
  );
});

test('a choice of a path that is not there is States.Runtime; one that nothing matches is NoChoiceMatched', async () => {
  const choice = (variable: string) =>
    machine({
      Which: { Type: 'Choice', Choices: [{ Variable: variable, NumericEquals: 2, Next: 'Yes' }] },
      Yes: { Type: 'Succeed' },
    });
  await withStepFunctions({ machines: { lost: choice('$.b'), none: choice('$.a') } }, async ({ run }) => {
    expect(await run('lost', { a: 1 })).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        "Invalid path '$.b': The choice state's condition path references an invalid value.",
      ),
    });
    expect(await run('none', { a: 1 })).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });
});

test('more than 256 KiB is States.DataLimitExceeded: as a result, as an input, as an output', async () => {
  const large = 'x'.repeat(200_000);
  const catches = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }] };
  const told = (what: string) =>
    `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  await withStepFunctions(
    {
      machines: {
        result: machine({ Call: task('huge', catches), Caught: { Type: 'Succeed' } }),
        byName: machine({
          Call: task('huge', { Catch: [{ ErrorEquals: ['States.DataLimitExceeded'], Next: 'Caught' }] }),
          Caught: { Type: 'Succeed' },
        }),
        input: machine({
          Call: task('f', { Parameters: { 'a.$': '$', 'b.$': '$' }, ...catches }),
          Caught: { Type: 'Succeed' },
        }),
        output: machine({ Call: task('f', { ResultPath: '$.more', ...catches }), Caught: { Type: 'Succeed' } }),
      },
      functions: { f: () => large, huge: () => large + large },
    },
    async ({ run }) => {
      const error = 'States.DataLimitExceeded';
      const result = await run('result');
      expect(result).toMatchObject({ status: 'FAILED', error, cause: told(functionArn('huge')) });
      expect(result.events.at(-2)?.type).toBe('LambdaFunctionFailed');
      expect(await run('byName')).toMatchObject({ status: 'SUCCEEDED' });
      expect(await run('input', { large })).toMatchObject({ status: 'FAILED', error, cause: told('Call') });
      expect(await run('output', { large })).toMatchObject({ status: 'FAILED', error, cause: told('Call') });
    },
  );
});

test('the limit is counted in bytes of UTF-8', async () => {
  await withStepFunctions(
    {
      machines: { m: machine({ Call: task('f') }) },
      functions: { f: (input) => (JSON.stringify(input).includes('wide') ? 'ä'.repeat(131_072) : 'a'.repeat(262_142)) },
    },
    async ({ run }) => {
      expect(await run('m', 'narrow')).toMatchObject({ status: 'SUCCEEDED' });
      expect(await run('m', 'wide')).toMatchObject({ error: 'States.DataLimitExceeded' });
    },
  );
});

test('the 25,000th event is the failure of an execution without end', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({ Loop: { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: true, Next: 'Loop' }] } }),
      },
    },
    async ({ client, start, ended }) => {
      const arn = await start('m');
      expect(await ended(arn)).toMatchObject({
        status: 'FAILED',
        error: 'States.Runtime',
        cause: 'The execution reached the maximum number of history events (25000).',
      });
      const { events } = await client.send(
        new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true, maxResults: 2 }),
      );
      expect(events).toMatchObject([{ id: 25_000, previousEventId: 24_999, type: 'ExecutionFailed' }, { id: 24_999 }]);
    },
  );
});

test('retries wait as their retrier says: growing, capped, with full jitter, scaled; each counts its own', () => {
  const retries = startRetries(
    [
      {
        ErrorEquals: ['SlowError'],
        IntervalSeconds: 2,
        BackoffRate: 2,
        MaxDelaySeconds: 6,
        MaxAttempts: 3,
        JitterStrategy: 'FULL',
      },
      { ErrorEquals: ['States.ALL'] },
    ],
    { timeScale: 0.1, random: () => 0.5 },
  );
  const after = (name: string) => {
    const delay = retries.after(new StateFailure(name, null));
    return delay === null ? null : Math.round(delay);
  };
  expect(['SlowError', 'SlowError', 'OtherError', 'SlowError'].map(after)).toEqual([100, 200, 100, 300]);
  expect(after('SlowError')).toBeNull();
  expect(['OtherError', 'AnyError', 'OtherError'].map(after)).toEqual([200, 400, null]);
  expect(after('States.Runtime')).toBeNull();
  expect(retries.count).toBe(6);
});

test('a retried task waits before it is called again, and knows how often it was retried', async () => {
  const calls: { at: number; input: unknown }[] = [];
  await withStepFunctions(
    {
      timeScale: 0.1,
      machines: {
        m: machine({
          Call: task('f', {
            Parameters: { 'count.$': '$$.State.RetryCount' },
            Retry: [{ ErrorEquals: ['SlowError'], MaxAttempts: 2 }],
          }),
        }),
      },
      functions: {
        f: (input) => {
          calls.push({ at: Date.now(), input });
          throw named('SlowError');
        },
      },
    },
    async ({ run }) => {
      expect(await run('m')).toMatchObject({ status: 'FAILED', error: 'SlowError' });
    },
  );
  expect(calls.map(({ input }) => input)).toEqual([{ count: 0 }, { count: 1 }, { count: 2 }]);
  const [first, second, third] = calls.map(({ at }) => at);
  expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(98);
  expect(Number(third) - Number(second)).toBeGreaterThanOrEqual(198);
});

test('waits are scaled, also those of a path, which must be whole and not negative', async () => {
  const wait = machine({ Rest: { Type: 'Wait', SecondsPath: '$.wait', End: true } });
  await withStepFunctions({ timeScale: 0.01, machines: { m: wait } }, async ({ run }) => {
    const { startDate, stopDate, status } = await run('m', { wait: 20 });
    expect(status).toBe('SUCCEEDED');
    expect(Number(stopDate) - Number(startDate)).toBeGreaterThanOrEqual(198);
    expect(Number(stopDate) - Number(startDate)).toBeLessThan(400);
    expect((await run('m', { wait: -1 })).cause).toContain('references a negative value: $.wait == -1');
    expect((await run('m', { wait: 1.5 })).cause).toContain('cannot be parsed as a long value: $.wait == 1.5');
  });
});

test('fifty executions at once keep their own histories', async () => {
  await withStepFunctions(
    {
      machines: {
        m: machine({
          Rest: { Type: 'Wait', Seconds: 1, Next: 'Call' },
          Call: task('f', { Parameters: { 'n.$': '$.n' }, ResultPath: '$.result', Next: 'Run' }),
          Run: child('child', { ResultSelector: { 'n.$': '$.Output.in.n' }, ResultPath: '$.child' }),
        }),
        child: machine({ Rest: { Type: 'Wait', Seconds: 1, End: true } }),
      },
      functions: { f: (input) => input },
    },
    async ({ run }) => {
      const all = await Promise.all(Array.from({ length: 50 }, (_, n) => run('m', { n })));
      for (const [n, { output, events }] of all.entries()) {
        expect(JSON.parse(output ?? '')).toEqual({ n, result: { n }, child: { n } });
        expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
        expect(events).toHaveLength(15);
      }
    },
  );
});
