import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from '../aws/transient.ts';

/** How often, and how long to wait before the second try; each later wait is twice as long, up to 20 seconds. */
export type Retry = { attempts: number; firstDelayMs: number };

export const RETRY: Retry = { attempts: 8, firstDelayMs: 250 };
const LONGEST_DELAY_MS = 20_000;

/** Bytes that arrived changed arrive unchanged the next time; what a time-out cut may be whole the next time. */
const WORTH_ANOTHER = new Set([
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'IncompleteBody',
  'AbortError',
]);

/** Calls until it goes through. What trying again cannot help, a stop, and the last failure are thrown. */
export async function withRetries<T>(
  { attempts, firstDelayMs }: Retry,
  stop: AbortSignal,
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    stop.throwIfAborted();
    try {
      return await call();
    } catch (error) {
      stop.throwIfAborted();
      if (attempt >= attempts || !(isTransient(error) || (error instanceof Error && WORTH_ANOTHER.has(error.name))))
        throw error;
      await pause(Math.min(firstDelayMs * 2 ** (attempt - 1), LONGEST_DELAY_MS), stop);
    }
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
    throw stop.reason;
  }
}
