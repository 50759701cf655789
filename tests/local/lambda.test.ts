import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer } from '../../local/lambda/function.ts';
import { createLambda, type Lambda } from '../../local/lambda/lambda.ts';

const BUNDLE = `
class NoWayError extends Error { name = 'NoWayError'; }
let calls = 0;
exports.handler = async (event, context) => {
  calls += 1;
  switch (event.do) {
    case 'echo': return { event, calls };
    case 'nothing': return undefined;
    case 'drop': return { kept: null, gone: undefined, at: new Date(0) };
    case 'throw': throw new NoWayError('not like this');
    case 'throw text': throw 'plain';
    case 'say': console.log('hello\\nagain'); console.error('alas'); return null;
    case 'environment': return process.env;
    case 'context': return { id: context.awsRequestId, name: context.functionName, arn: context.invokedFunctionArn, left: context.getRemainingTimeInMillis() };
    case 'exit': return process.exit(event.code);
    case 'hang': return new Promise(() => setInterval(() => {}, 1000));
    case 'spin': for (;;) {}
    case 'eat': { const all = []; for (;;) all.push(new Array(1e6).fill({})); }
    case 'reject': Promise.reject(new NoWayError('nobody waits')); return new Promise(() => {});
    case 'later': setTimeout(() => { throw new NoWayError('from a timer'); }, 1); return new Promise(() => {});
    case 'circle': { const a = {}; a.a = a; return a; }
    case 'large': return 'x'.repeat(event.size);
    case 'wait': await new Promise((resolve) => setTimeout(resolve, 50)); return require('node:worker_threads').threadId;
  }
};
`;
const ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:probe';

let folder: string;
let lambda: Lambda;

beforeAll(async () => {
  process.env.OF_THE_HOST = 'secret';
  folder = await mkdtemp(join(tmpdir(), 'carthub-lambda-'));
  await writeFile(join(folder, 'probe.cjs'), BUNDLE);
  await writeFile(join(folder, 'broken.cjs'), 'require("not-there")');
  await writeFile(join(folder, 'empty.cjs'), 'exports.other = 1');
  const fn = { handler: 'handler', environment: { BUCKET: 'b' }, timeoutSeconds: 1, memoryMiB: 64 };
  const functions = ['probe', 'broken', 'empty'].map((name) => ({
    ...fn,
    name,
    arn: ARN.replace('probe', name),
    bundle: join(folder, `${name}.cjs`),
  }));
  // Filling its memory takes a busy machine longer than a second.
  const hungry = { ...fn, name: 'hungry', arn: ARN.replace('probe', 'hungry'), bundle: join(folder, 'probe.cjs') };
  lambda = createLambda({
    functions: [...functions, { ...hungry, timeoutSeconds: 60 }],
    environment: { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
    logs: folder,
    now: () => new Date(),
  });
});

afterAll(async () => {
  delete process.env.OF_THE_HOST;
  await lambda.stop();
  await rm(folder, { recursive: true });
});

async function invoke(event: unknown, name = 'probe'): Promise<Answer> {
  return lambda.invoke(ARN.replace('probe', name), JSON.stringify(event));
}

test('an instance stays warm and serves the next invocation', async () => {
  const first = JSON.parse((await invoke({ do: 'echo' })).payload);
  const second = JSON.parse((await invoke({ do: 'echo' })).payload);
  expect(first.event).toEqual({ do: 'echo' });
  expect(second.calls).toBe(first.calls + 1);
});

test('invocations at the same time run in instances of their own, up to a bound', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => invoke({ do: 'wait' })));
  expect(answers.map(({ error }) => error)).toEqual(Array(20).fill(null));
  expect(new Set(answers.map(({ payload }) => payload)).size).toBe(8);
});

test('payloads are JSON text: undefined goes missing, a date becomes a string, nothing becomes null', async () => {
  expect((await invoke({ do: 'nothing' })).payload).toBe('null');
  expect((await invoke({ do: 'drop' })).payload).toBe('{"kept":null,"at":"1970-01-01T00:00:00.000Z"}');
});

test("an error is the handler's own name, message and trace", async () => {
  const { error, payload } = await invoke({ do: 'throw' });
  expect(error).toMatchObject({ errorType: 'NoWayError', errorMessage: 'not like this' });
  expect(error?.trace?.[0]).toBe('NoWayError: not like this');
  expect(JSON.parse(payload)).toEqual(error);
  expect((await invoke({ do: 'throw text' })).error).toEqual({ errorType: 'string', errorMessage: 'plain', trace: [] });
  expect((await invoke({ do: 'circle' })).error?.errorMessage).toBe('Unable to stringify response body');
});

test.each(['hang', 'spin'])('a handler that does not answer in time is ended: %s', async (what) => {
  const { error, requestId } = await invoke({ do: what });
  expect(error).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect((await invoke({ do: 'echo' })).error).toBeNull();
});

test('a runtime that exits or runs out of memory is an ExitError, and the function goes on serving', async () => {
  const message = (answer: Answer) => answer.error?.errorMessage.replace(answer.requestId, 'ID');
  const code = await invoke({ do: 'exit', code: 3 });
  expect(code.error?.errorType).toBe('Runtime.ExitError');
  expect(message(code)).toBe('RequestId: ID Error: Runtime exited with error: exit status 3');
  expect(message(await invoke({ do: 'exit', code: 0 }))).toBe(
    'RequestId: ID Error: Runtime exited without providing a reason',
  );
  expect(message(await invoke({ do: 'eat' }, 'hungry'))).toBe(
    'RequestId: ID Error: Runtime exited with error: signal: killed',
  );
  expect((await invoke({ do: 'echo' }, 'hungry')).error).toBeNull();
});

test('what nobody awaits ends the invocation too', async () => {
  expect((await invoke({ do: 'reject' })).error).toMatchObject({
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: 'nobody waits',
  });
  expect((await invoke({ do: 'later' })).error).toMatchObject({ errorType: 'NoWayError' });
});

test('a bundle that does not load or has no such export says so at each invocation', async () => {
  const broken = await lambda.invoke(ARN.replace('probe', 'broken'), '{}');
  expect(broken.error).toMatchObject({ errorType: 'Error' });
  expect(broken.error?.errorMessage).toContain("Cannot find module 'not-there'");
  const empty = await lambda.invoke(ARN.replace('probe', 'empty'), '{}');
  expect(empty.error?.errorType).toBe('Runtime.HandlerNotFound');
});

test('payloads over 6 MB are refused, in and out', async () => {
  await expect(lambda.invoke(ARN, JSON.stringify('x'.repeat(6 * 1024 * 1024)))).rejects.toMatchObject({
    code: 'RequestTooLargeException',
  });
  expect((await invoke({ do: 'large', size: 6 * 1024 * 1024 + 99 })).error).toMatchObject({
    errorType: 'Function.ResponseSizeTooLarge',
  });
  expect((await invoke({ do: 'large', size: 6 * 1024 * 1024 })).error).toBeNull();
});

test("a function sees its own environment and none of the host's", async () => {
  const environment = JSON.parse((await invoke({ do: 'environment' })).payload);
  expect(environment).toMatchObject({
    BUCKET: 'b',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_LAMBDA_FUNCTION_NAME: 'probe',
    AWS_SDK_UA_APP_ID: 'probe',
  });
  expect(environment).not.toHaveProperty('OF_THE_HOST');
});

test('the context tells who is called and how long is left', async () => {
  const { requestId, payload } = await invoke({ do: 'context' });
  expect(JSON.parse(payload)).toEqual({ id: requestId, name: 'probe', arn: ARN, left: expect.any(Number) });
  expect(JSON.parse(payload).left).toBeGreaterThan(500);
});

test('what a function prints is in its log, line by line, with the request id', async () => {
  const { requestId } = await invoke({ do: 'say' });
  const lines = (await readFile(join(folder, 'probe.log'), 'utf8'))
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([, id]) => id === requestId);
  expect(lines.map(([, , text]) => text)).toEqual(['hello', 'again', 'alas']);
});

test('an unknown function is refused by name', async () => {
  await expect(lambda.invoke(`${ARN}-not`, '{}')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
});
