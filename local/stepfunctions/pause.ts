/** Timers of JavaScript go no further than this, some 24 days; what is longer is as good as for ever here. */
const LONGEST = 2 ** 31 - 1;

/** Waits `milliseconds`; rejects with the signal's reason as soon as it is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return interruptible(signal, (resolve) => {
    const timer = setTimeout(resolve, Math.min(milliseconds, LONGEST));
    return () => clearTimeout(timer);
  });
}

/**
 * The outcome of `work`, or 'timed out' when it takes longer than `seconds`; rejects with the signal's reason as soon as
 * it is aborted. Either way the work itself goes on.
 */
export function within<T>(seconds: number | null, work: Promise<T>, signal: AbortSignal): Promise<T | 'timed out'> {
  return interruptible<T | 'timed out'>(signal, (resolve, reject) => {
    work.then(resolve, reject);
    if (seconds === null) return () => undefined;
    const timer = setTimeout(() => resolve('timed out'), Math.min(seconds * 1000, LONGEST));
    return () => clearTimeout(timer);
  });
}

function interruptible<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const stop = start(
      (value) => {
        finish();
        resolve(value);
      },
      (error) => {
        finish();
        reject(error);
      },
    );
    const onAbort = () => {
      finish();
      reject(signal.reason);
    };
    const finish = () => {
      stop();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort);
  });
}
