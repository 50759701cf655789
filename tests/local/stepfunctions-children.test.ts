import { ListExecutionsCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import type { JsonObject } from '../../local/stepfunctions/json.ts';
import { executionArn, machine, machineArn, named, task, withStepFunctions } from './with-step-functions.ts';

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

test('a child that an earlier try started is followed, and not started a second time', async () => {
  const named = { StateMachineArn: machineArn('child'), Name: 'one', Input: { a: 1 } };
  await withStepFunctions(
    {
      machines: {
        top: machine({ Run: child('child', { Parameters: named }) }),
        child: machine({ Rest: { Type: 'Wait', Seconds: 1, End: true } }),
      },
      timeScale: 0.3,
    },
    async ({ client, start, run }) => {
      await start('child', { a: 1 }, 'one');
      expect(await run('top')).toMatchObject({ status: 'SUCCEEDED' });
      const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn('child') }));
      expect(executions).toHaveLength(1);
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
