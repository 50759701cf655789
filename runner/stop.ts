import { DeadlineExceededError, StoppedError } from './errors.ts';

/** Kubernetes kills 30 seconds after SIGTERM; by then the verdict must be written. */
const OVERDUE_MS = 24_000;

export type Stop = {
  /** Aborted when the run must stop; its reason is the error to report. */
  signal: AbortSignal;
  /** Rejects with that reason when the run has not come to its end long after: something hangs that nobody can cancel. */
  overdue: Promise<never>;
  dispose(): void;
};

/** Stops by SIGTERM or SIGINT, or when the deadline passes, whichever comes first. */
export function listenForStop(deadlineSeconds: number): Stop {
  const controller = new AbortController();
  const overdue = Promise.withResolvers<never>();
  let last: NodeJS.Timeout | undefined;
  const stop = (reason: Error) => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    last = setTimeout(() => overdue.reject(reason), OVERDUE_MS);
  };
  const onSignal = (name: NodeJS.Signals) =>
    stop(
      new StoppedError(`The runner was told to stop (${name}).`, {
        remedy: 'See who deleted the Job or stopped the execution; then start again.',
      }),
    );
  const onDeadline = () =>
    stop(
      new DeadlineExceededError(`The run took longer than its deadline of ${deadlineSeconds} s.`, {
        remedy: 'Find out what it waited for, or give it more time: DEADLINE_SECONDS.',
      }),
    );
  const timer = setTimeout(onDeadline, deadlineSeconds * 1000);
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    overdue: overdue.promise,
    dispose() {
      clearTimeout(timer);
      clearTimeout(last);
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}
