import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DescribeExecutionCommand, ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { expect, test } from '@jest/globals';
import { definitions } from './stepfunctions-definitions.ts';
import { executionArn, machineArn, type Sfn, withStepFunctions } from './with-step-functions.ts';

/** Lends `use` what a Step Functions that was killed left behind, with a short execution over, and two that ran. */
async function afterKill<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-sfn-'));
  try {
    const script = fileURLToPath(new URL('./stepfunctions-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const seen = new Set<string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const { name, stateMachineArn, status } = JSON.parse(line);
      seen.add(`${stateMachineArn.split(':').at(-1)} ${name} ${status}`);
      if (seen.has('short one SUCCEEDED') && seen.has('long child RUNNING')) break;
    }
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function reopen<T>(folder: string, use: (sfn: Sfn) => Promise<T>): Promise<T> {
  return withStepFunctions({ machines: definitions, folder }, use);
}

test('after kill -9 what was RUNNING is ABORTED, with its event, and EventBridge is told once', async () => {
  await afterKill(async (folder) => {
    await reopen(folder, async ({ client, history, published, run }) => {
      for (const arn of [executionArn('parent', 'one'), executionArn('long', 'child')]) {
        const { status, cause, stopDate } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
        expect({ status, cause }).toEqual({
          status: 'ABORTED',
          cause: 'The local cloud ended while this execution was running.',
        });
        expect(stopDate).toBeInstanceOf(Date);
        const events = await history(arn);
        expect(events.at(-1)).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0, id: events.length });
        expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      }
      expect(published.map(({ detail }) => [detail.name, detail.status]).sort()).toEqual([
        ['child', 'ABORTED'],
        ['one', 'ABORTED'],
      ]);
      expect(await history(executionArn('short', 'one'))).toHaveLength(4);
      expect(await run('short')).toMatchObject({ status: 'SUCCEEDED' });
    });
    await reopen(folder, async ({ published, client }) => {
      expect(published).toEqual([]);
      const { executions } = await client.send(
        new ListExecutionsCommand({ stateMachineArn: machineArn('short'), statusFilter: 'SUCCEEDED' }),
      );
      expect(executions).toHaveLength(2);
      expect(executions?.at(-1)?.name).toBe('one');
    });
  });
});

test('a crash between the last event and the description loses nothing', async () => {
  await afterKill(async (folder) => {
    const file = join(folder, 'short', 'one', 'description.json');
    const description = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...description, status: 'RUNNING', output: null, stopDate: null }));
    await reopen(folder, async ({ client, history }) => {
      const arn = executionArn('short', 'one');
      expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
        status: 'SUCCEEDED',
        output: '{"a":1}',
      });
      expect(await history(arn)).toHaveLength(4);
    });
  });
});

test('an event cut off in the middle, and an execution that was hardly begun, are left out', async () => {
  await afterKill(async (folder) => {
    await appendFile(join(folder, 'long', 'child', 'history.jsonl'), '{"id":3,"prev');
    await mkdir(join(folder, 'long', 'empty'));
    await reopen(folder, async ({ client, history }) => {
      const events = await history(executionArn('long', 'child'));
      expect([events[0]?.type, events.at(-1)?.type]).toEqual(['ExecutionStarted', 'ExecutionAborted']);
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
      const { executions } = await client.send(new ListExecutionsCommand({ stateMachineArn: machineArn('long') }));
      expect(executions?.map(({ name }) => name)).toEqual(['child']);
    });
  });
});

test('a stop of the cloud aborts what runs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-sfn-'));
  await reopen(folder, async ({ start }) => start('parent', {}, 'one'));
  await reopen(folder, async ({ client, published }) => {
    for (const arn of [executionArn('parent', 'one'), executionArn('long', 'child')]) {
      expect(await client.send(new DescribeExecutionCommand({ executionArn: arn }))).toMatchObject({
        status: 'ABORTED',
      });
    }
    expect(published).toEqual([]);
  });
  await rm(folder, { recursive: true });
});

test('of the executions that are over the last 500 are kept, also on disk', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-sfn-'));
  const names = Array.from({ length: 503 }, (_, n) => `n${n}`);
  const kept = async ({ client }: Sfn) => {
    const command = new ListExecutionsCommand({ stateMachineArn: machineArn('short'), maxResults: 1000 });
    return (await client.send(command)).executions?.map(({ name }) => name);
  };
  await reopen(folder, async (sfn) => {
    await sfn.start('long', {}, 'first');
    for (const name of names) await sfn.ended(await sfn.start('short', {}, name));
    expect(await kept(sfn)).toEqual(names.slice(3).reverse());
  });
  await reopen(folder, async (sfn) => {
    expect((await kept(sfn))?.sort()).toEqual(names.slice(3).sort());
    const { status } = await sfn.client.send(
      new DescribeExecutionCommand({ executionArn: executionArn('long', 'first') }),
    );
    expect(status).toBe('ABORTED');
  });
  await rm(folder, { recursive: true });
});
