/**
 * The Lambda runtime inside a worker thread: what `aws-lambda-nodejs-runtime-interface-client` does around a handler.
 * Payloads cross as JSON text only, so that nothing survives here that would not survive there.
 */
import { createRequire } from 'node:module';
import { types } from 'node:util';
import { parentPort, workerData } from 'node:worker_threads';
import { departAs } from '../network/depart.ts';
import type { FunctionError } from './function.ts';
import type { Invocation, Message, Setup } from './message.ts';

const setup: Setup = workerData;
const port = parentPort;
if (port === null) throw new Error('worker.ts runs only as a worker.');
await departAs('functions');

function say(message: Message): void {
  port?.postMessage(message);
}

for (const stream of [process.stdout, process.stderr]) {
  stream.write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    say({ type: 'log', text: typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString() });
    const done = rest.at(-1);
    if (typeof done === 'function') done();
    return true;
  };
}

process.on('uncaughtException', (error) => crash(describe(error)));
process.on('unhandledRejection', (reason) => {
  const { errorMessage, trace } = describe(reason);
  crash({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage, ...(trace ? { trace } : {}) });
});

const handler = await load();
if (handler !== null) {
  port.on('message', async (invocation: Invocation) => {
    try {
      const result: unknown = await handler(JSON.parse(invocation.payload), context(invocation));
      say({ type: 'result', payload: stringify(result) });
    } catch (error) {
      say({ type: 'error', error: describe(error), fatal: false });
    }
  });
  say({ type: 'ready' });
}

type Handler = (event: unknown, context: unknown) => unknown;

async function load(): Promise<Handler | null> {
  try {
    const exported: Record<string, unknown> = createRequire(setup.bundle)(setup.bundle);
    const found = exported[setup.handler];
    if (typeof found === 'function') return (event, context) => found(event, context);
    crash({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: `${setup.bundle}.${setup.handler} is undefined or not exported`,
      trace: [],
    });
  } catch (error) {
    crash(describe(error));
  }
  return null;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function context({ requestId, deadline }: Invocation): Record<string, unknown> {
  return {
    awsRequestId: requestId,
    functionName: setup.name,
    functionVersion: '$LATEST',
    invokedFunctionArn: setup.arn,
    memoryLimitInMB: `${setup.memoryMiB}`,
    logGroupName: `/aws/lambda/${setup.name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

function stringify(result: unknown): string {
  try {
    return JSON.stringify(result ?? null) ?? 'null';
  } catch (cause) {
    throw new Error('Unable to stringify response body', { cause });
  }
}

function describe(error: unknown): FunctionError {
  if (types.isNativeError(error)) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

function crash(error: FunctionError): void {
  say({ type: 'error', error, fatal: true });
}
