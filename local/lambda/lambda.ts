import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ServiceError } from '../service.ts';
import { environmentOf } from './environment.ts';
import type { Answer, LambdaFunction } from './function.ts';
import { type Instance, startInstance } from './instance.ts';
import { functionLog } from './log.ts';

/** Lambda: runs the deployed bundles. */
export type Lambda = {
  /**
   * Invokes the function with `arn` and waits for its answer; an error of the function is an answer.
   *
   * @throws {ServiceError} for what the service itself refuses
   */
  invoke(arn: string, payload: string): Promise<Answer>;
  has(arn: string): boolean;
  /** Ends every instance, whatever it is doing. */
  stop(): Promise<void>;
};

const LARGEST_REQUEST = 6 * 1024 * 1024;
/** As a concurrency reserved for the function: a laptop has not a thousand processors. Who comes later waits. */
const MOST_INSTANCES = 8;
const IDLE_MILLISECONDS = 60_000;

/**
 * @param environment what makes a function's environment this cloud's: region, endpoint, credentials
 * @param logs        the folder of the functions' log files, `<name>.log`
 */
export function createLambda(options: {
  functions: LambdaFunction[];
  environment: Record<string, string>;
  logs: string;
  now: () => Date;
}): Lambda {
  const pools = new Map(options.functions.map((fn) => [fn.arn, createPool(fn, options)]));
  return {
    has: (arn) => pools.has(arn),
    async invoke(arn, payload) {
      const pool = pools.get(arn);
      if (!pool) throw new ServiceError('ResourceNotFoundException', `Function not found: ${arn}`, 404);
      const size = Buffer.byteLength(payload);
      if (size > LARGEST_REQUEST) {
        throw new ServiceError(
          'RequestTooLargeException',
          `${size} byte payload is too large for the RequestResponse invocation type (limit ${LARGEST_REQUEST} bytes)`,
          413,
        );
      }
      return pool.invoke(payload);
    },
    async stop() {
      await Promise.all([...pools.values()].map((pool) => pool.stop()));
    },
  };
}

type Pool = { invoke(payload: string): Promise<Answer>; stop(): Promise<void> };

function createPool(
  fn: LambdaFunction,
  options: { environment: Record<string, string>; logs: string; now: () => Date },
): Pool {
  const log = functionLog(join(options.logs, `${fn.name}.log`), options.now);
  const environment = environmentOf(fn, options.environment);
  const all = new Set<Instance>();
  const idle: { instance: Instance; expiry: NodeJS.Timeout }[] = [];
  const waiting: (() => void)[] = [];
  let stopped = false;

  function take(): Instance {
    for (let free = idle.pop(); free; free = idle.pop()) {
      clearTimeout(free.expiry);
      if (free.instance.usable) return free.instance;
      all.delete(free.instance);
    }
    const instance = startInstance({ fn, environment, log, now: options.now });
    all.add(instance);
    return instance;
  }

  function giveBack(instance: Instance): void {
    if (instance.usable) {
      const expiry = setTimeout(() => {
        idle.splice(
          idle.findIndex((free) => free.instance === instance),
          1,
        );
        all.delete(instance);
        void instance.end();
      }, IDLE_MILLISECONDS);
      expiry.unref();
      idle.push({ instance, expiry });
    } else all.delete(instance);
    waiting.shift()?.();
  }

  return {
    async invoke(payload) {
      while (all.size - idle.length >= MOST_INSTANCES) await new Promise<void>((resolve) => waiting.push(resolve));
      if (stopped) throw new ServiceError('ServiceException', 'The local cloud is stopping.', 500);
      const instance = take();
      try {
        return await instance.invoke(randomUUID(), payload);
      } finally {
        giveBack(instance);
      }
    },
    async stop() {
      stopped = true;
      for (const { expiry } of idle) clearTimeout(expiry);
      idle.length = 0;
      await Promise.all([...all].map((instance) => instance.end()));
      all.clear();
    },
  };
}
