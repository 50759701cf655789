import { DescribeExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { StateFailure } from '../../local/stepfunctions/failure.ts';
import { startRetries } from '../../local/stepfunctions/retry.ts';
import { machine, named, task, withStepFunctions } from './with-step-functions.ts';

const never = () => new Promise(() => undefined);

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
