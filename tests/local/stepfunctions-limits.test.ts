import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { functionArn, machine, task, withStepFunctions } from './with-step-functions.ts';

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
