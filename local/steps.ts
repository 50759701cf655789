/** Runs one step of the start or the stop. */
export type Step = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/**
 * Tells each step's end and duration in a line of its own: `S3 ready (12 ms)`. Once `interrupted` is aborted, no further step begins.
 */
export function createSteps(options: {
  say: (line: string) => void;
  interrupted?: AbortSignal;
  now: () => Date;
}): Step {
  const { say, interrupted, now } = options;
  return async (name, work) => {
    interrupted?.throwIfAborted();
    const began = now().getTime();
    const result = await work();
    const took = now().getTime() - began;
    say(`${name} (${took < 1000 ? `${took} ms` : `${(took / 1000).toFixed(1)} s`})`);
    return result;
  };
}
