import { DeadlineExceededError, StoppedError } from './errors.ts';

/**
 * A signal that is aborted by SIGTERM or SIGINT, or when the deadline passes, whichever comes first. Its reason is the
 * error to report.
 */
export function stopSignal(deadlineSeconds: number): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) =>
    controller.abort(
      new StoppedError(`The runner was told to stop (${name}).`, {
        remedy: 'See who deleted the Job or stopped the execution; then start again.',
      }),
    );
  const timer = setTimeout(
    () =>
      controller.abort(
        new DeadlineExceededError(`The run took longer than its deadline of ${deadlineSeconds} s.`, {
          remedy: 'Find out what it waited for, or give it more time: DEADLINE_SECONDS.',
        }),
      ),
    deadlineSeconds * 1000,
  );
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    dispose() {
      clearTimeout(timer);
      process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}
