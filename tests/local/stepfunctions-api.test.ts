import {
  DescribeExecutionCommand,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  RedriveExecutionCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { executionArn, machine, machineArn, type Sfn, withStepFunctions } from './with-step-functions.ts';

const waiting = machine({ Rest: { Type: 'Wait', Seconds: 99_999, End: true } });
const passing = machine({ Make: { Type: 'Pass', End: true } });

function withMachines<T>(use: (sfn: Sfn) => Promise<T>): Promise<T> {
  return withStepFunctions({ machines: { waiting, passing }, timeScale: 1 }, use);
}

test('a start with the name and input of a running execution gives that one; with other input or once it is over it is refused', async () => {
  await withMachines(async ({ client, start, ended }) => {
    const request = { stateMachineArn: machineArn('waiting'), name: 'one', input: '{"a":1}' };
    const first = await client.send(new StartExecutionCommand(request));
    const again = await client.send(new StartExecutionCommand(request));
    expect(first.executionArn).toBe(executionArn('waiting', 'one'));
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    const refused = { name: 'ExecutionAlreadyExists', message: `Execution Already Exists: '${first.executionArn}'` };
    await expect(client.send(new StartExecutionCommand({ ...request, input: '{}' }))).rejects.toMatchObject(refused);
    await client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    await expect(client.send(new StartExecutionCommand(request))).rejects.toMatchObject(refused);
    await ended(await start('passing', { a: 1 }, 'one'));
  });
});

test('names and inputs are refused as the service does', async () => {
  await withMachines(async ({ client }) => {
    const attempt = (more: object) =>
      client.send(new StartExecutionCommand({ stateMachineArn: machineArn('passing'), ...more }));
    await expect(attempt({ name: 'x'.repeat(81) })).rejects.toMatchObject({
      name: 'ValidationException',
      message: `1 validation error detected: Value '${'x'.repeat(81)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80`,
    });
    for (const name of ['a b', 'a:b', 'a/b', '$a', 'a\nb', 'é*']) {
      await expect(attempt({ name })).rejects.toMatchObject({
        name: 'InvalidName',
        message: `Invalid Name: '${name}'`,
      });
    }
    await expect(attempt({ input: 'not json' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(attempt({ input: '' })).rejects.toMatchObject({ name: 'InvalidExecutionInput' });
    await expect(attempt({ input: JSON.stringify('x'.repeat(262_143)) })).rejects.toMatchObject({
      name: 'ValidationException',
    });
    await expect(attempt({ input: JSON.stringify('x'.repeat(262_142)) })).resolves.toMatchObject({});
    await expect(attempt({ stateMachineArn: machineArn('none') })).rejects.toMatchObject({
      name: 'StateMachineDoesNotExist',
      message: `State Machine Does Not Exist: '${machineArn('none')}'`,
    });
    await expect(attempt({ stateMachineArn: 'none' })).rejects.toMatchObject({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Invalid ARN prefix: none'",
    });
    await expect(attempt({ stateMachineArn: undefined })).rejects.toMatchObject({ name: 'ValidationException' });
    const { executionArn: arn } = await attempt({ name: 'Zürich..ok-1_2' });
    expect(arn).toBe(executionArn('passing', 'Zürich..ok-1_2'));
  });
});

test('an execution is described with all that the service tells', async () => {
  await withMachines(async ({ client, start, ended }) => {
    const running = await start('waiting', { a: 1 }, 'w');
    const describe = async (arn: string) => {
      const { $metadata: _, ...rest } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
      return rest;
    };
    expect(await describe(running)).toEqual({
      executionArn: running,
      stateMachineArn: machineArn('waiting'),
      name: 'w',
      status: 'RUNNING',
      startDate: expect.any(Date),
      input: '{"a":1}',
      inputDetails: { included: true },
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
      redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
    });
    const over = await start('passing', { a: 1 }, 'p');
    await ended(over);
    expect(await describe(over)).toMatchObject({
      status: 'SUCCEEDED',
      stopDate: expect.any(Date),
      output: '{"a":1}',
      outputDetails: { included: true },
    });
    const missing = executionArn('passing', 'none');
    const absent = { name: 'ExecutionDoesNotExist', message: `Execution Does Not Exist: '${missing}'` };
    await expect(describe(missing)).rejects.toMatchObject(absent);
    await expect(client.send(new GetExecutionHistoryCommand({ executionArn: missing }))).rejects.toMatchObject(absent);
    await expect(client.send(new StopExecutionCommand({ executionArn: missing }))).rejects.toMatchObject(absent);
    await expect(describe('nothing')).rejects.toMatchObject({ name: 'InvalidArn' });
  });
});

test('executions are listed newest first, by status, in pages', async () => {
  await withMachines(async ({ client, start, ended }) => {
    for (const name of ['a', 'b', 'c']) await ended(await start('passing', {}, name));
    const list = (more: object) =>
      client.send(new ListExecutionsCommand({ stateMachineArn: machineArn('passing'), ...more }));
    expect((await list({})).executions?.map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    const first = await list({ maxResults: 2 });
    expect(first.executions?.map(({ name }) => name)).toEqual(['c', 'b']);
    const second = await list({ maxResults: 2, nextToken: first.nextToken });
    expect(second.executions?.map(({ name }) => name)).toEqual(['a']);
    expect(second.nextToken).toBeUndefined();
    expect((await list({ statusFilter: 'RUNNING' })).executions).toEqual([]);
    expect((await list({ statusFilter: 'SUCCEEDED' })).executions).toHaveLength(3);
    await expect(list({ statusFilter: 'succeeded' })).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
    });
    await expect(list({ maxResults: 1001 })).rejects.toMatchObject({
      message:
        "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
    });
    await expect(list({ nextToken: 'what' })).rejects.toMatchObject({ name: 'InvalidToken' });
  });
});

test('machines are listed and described with their definition; what is not there is refused by name', async () => {
  await withMachines(async ({ client, start }) => {
    const { stateMachines } = await client.send(new ListStateMachinesCommand({}));
    expect(stateMachines).toEqual(
      ['passing', 'waiting'].map((name) => ({
        stateMachineArn: machineArn(name),
        name,
        type: 'STANDARD',
        creationDate: expect.any(Date),
      })),
    );
    const described = await client.send(new DescribeStateMachineCommand({ stateMachineArn: machineArn('passing') }));
    expect(described).toMatchObject({ status: 'ACTIVE', roleArn: 'arn:aws:iam::000000000000:role/passing' });
    expect(JSON.parse(described.definition ?? '')).toEqual(passing);
    const arn = await start('passing');
    expect(await client.send(new DescribeStateMachineForExecutionCommand({ executionArn: arn }))).toMatchObject({
      name: 'passing',
    });
    await expect(client.send(new RedriveExecutionCommand({ executionArn: arn }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'The local cloud does not implement states:RedriveExecution.',
    });
  });
});

test('EventBridge hears of the first and the last status, in the shape of the service', async () => {
  await withMachines(async ({ start, ended, published }) => {
    const arn = await start('passing', { a: 1 }, 'one');
    await ended(arn);
    const detail = {
      executionArn: arn,
      stateMachineArn: machineArn('passing'),
      name: 'one',
      startDate: expect.any(Number),
      input: '{"a":1}',
      inputDetails: { included: true },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      redriveDate: null,
      redriveStatus: 'NOT_REDRIVABLE',
      error: null,
      cause: null,
    };
    const event = {
      version: '0',
      id: expect.any(String),
      'detail-type': 'Step Functions Execution Status Change',
      source: 'aws.states',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'eu-west-1',
      resources: [arn],
    };
    expect(published).toEqual([
      {
        ...event,
        detail: {
          ...detail,
          status: 'RUNNING',
          stopDate: null,
          output: null,
          outputDetails: null,
          redriveStatusReason: 'Execution is RUNNING and cannot be redriven',
        },
      },
      {
        ...event,
        detail: {
          ...detail,
          status: 'SUCCEEDED',
          stopDate: expect.any(Number),
          output: '{"a":1}',
          outputDetails: { included: true },
          redriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        },
      },
    ]);
  });
});

test('an input of any JSON is taken as it stands', async () => {
  await withMachines(async ({ run }) => {
    const inputs: Json[] = [null, 1, 'text', [], {} satisfies JsonObject];
    for (const input of inputs) expect((await run('passing', input)).output).toBe(JSON.stringify(input));
  });
});
