/**
 * The work queue of a controller: keys to look at, each once however often it was added, in a turn of the event loop of its
 * own, so that whoever changed an object is done before anybody reacts to the change.
 */
export type Queue = {
  /** Looks at `key` soon, or `delayMs` from now; the earliest wins. */
  add(key: string, delayMs?: number): void;
  stop(): void;
};

/** Longer timers fire at once in Node; an hour's early look does no harm. */
const LONGEST_MS = 3_600_000;

export function createQueue(sync: (key: string) => void, say: (line: string) => void): Queue {
  const waiting = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  let isStopped = false;
  const run = (key: string) => {
    waiting.delete(key);
    try {
      sync(key);
    } catch (error) {
      // A fault of the local cloud: said, and tried again as a real controller would.
      say(`kubernetes: ${key}: ${error instanceof Error ? error.stack : error}`);
      queue.add(key, 1_000);
    }
  };
  const queue: Queue = {
    add(key, delayMs = 0) {
      if (isStopped) return;
      const delay = Math.min(Math.max(0, delayMs), LONGEST_MS);
      const at = performance.now() + delay;
      const planned = waiting.get(key);
      if (planned && planned.at <= at) return;
      clearTimeout(planned?.timer);
      waiting.set(key, { at, timer: setTimeout(run, delay, key) });
    },
    stop() {
      isStopped = true;
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
  return queue;
}
