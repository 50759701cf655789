import { Worker } from 'node:worker_threads';
import type { Answer, FunctionError, LambdaFunction } from './function.ts';
import type { FunctionLog } from './log.ts';
import type { Invocation, Message, Setup } from './message.ts';

/** One execution environment: a worker thread with the bundle loaded, that serves one invocation at a time. */
export type Instance = {
  invoke(requestId: string, payload: string): Promise<Answer>;
  /** False after a crash or a time-out: it serves no more. */
  readonly usable: boolean;
  end(): Promise<void>;
};

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB, and 100 bytes of grace for the response. */
const LARGEST_RESPONSE = 6 * 1024 * 1024 + 100;

export function startInstance(options: {
  fn: LambdaFunction;
  environment: Record<string, string>;
  log: FunctionLog;
  now: () => Date;
}): Instance {
  const { fn, log } = options;
  const setup: Setup = {
    bundle: fn.bundle,
    handler: fn.handler,
    name: fn.name,
    arn: fn.arn,
    memoryMiB: fn.memoryMiB,
  };
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    workerData: setup,
    env: options.environment,
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: fn.memoryMiB },
  });
  let usable = true;
  let requestId = '-';
  let init: FunctionError | null = null;
  let settle: (outcome: string | FunctionError) => void = (outcome) => {
    if (typeof outcome !== 'string') init = outcome;
  };
  const ready = Promise.withResolvers<void>();

  worker.on('message', (message: Message) => {
    if (message.type === 'log') log.write(requestId, message.text);
    else if (message.type === 'ready') ready.resolve();
    else if (message.type === 'result') settle(message.payload);
    else {
      if (message.fatal) retire();
      log.write(requestId, `ERROR\tInvoke Error\t${JSON.stringify(message.error)}`);
      settle(message.error);
      if (message.fatal) ready.resolve();
    }
  });
  worker.on('error', (error) => {
    const killed = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    gone(killed ? 'Runtime exited with error: signal: killed' : `Runtime exited with error: ${error.message}`);
  });
  worker.on('exit', (code) => {
    gone(code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`);
  });

  function retire(): void {
    usable = false;
    void worker.terminate();
  }

  function gone(why: string): void {
    usable = false;
    settle({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${why}` });
    ready.resolve();
  }

  /** The one outcome of an invocation; the clock of the time-out starts once the bundle is loaded, as init has its own. */
  function run(invocation: Invocation): Promise<string | FunctionError> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const seconds = fn.timeoutSeconds.toFixed(2);
        log.write(requestId, `Task timed out after ${seconds} seconds`);
        retire();
        settle({
          errorType: 'Sandbox.Timedout',
          errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
        });
      }, fn.timeoutSeconds * 1000);
      settle = (outcome) => {
        settle = () => undefined;
        clearTimeout(timer);
        resolve(outcome);
      };
      worker.postMessage(invocation);
    });
  }

  return {
    get usable() {
      return usable;
    },
    async invoke(id, payload) {
      requestId = id;
      await ready.promise;
      const deadline = options.now().getTime() + fn.timeoutSeconds * 1000;
      const outcome = init ?? (await run({ requestId, payload, deadline }));
      if (typeof outcome !== 'string') return { requestId, payload: JSON.stringify(outcome), error: outcome };
      if (Buffer.byteLength(outcome) <= LARGEST_RESPONSE) return { requestId, payload: outcome, error: null };
      const error = {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${LARGEST_RESPONSE} bytes).`,
      };
      return { requestId, payload: JSON.stringify(error), error };
    },
    async end() {
      usable = false;
      await worker.terminate();
    },
  };
}
