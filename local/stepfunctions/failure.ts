/**
 * An error inside an execution: Amazon States Language knows it by name (`error`) and tells more in `reason`, its Cause.
 * Both may be missing, from a Fail state without them.
 */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  readonly error: string | null;
  readonly reason: string | null;

  constructor(error: string | null, reason: string | null) {
    super(`${error}: ${reason}`);
    this.error = error;
    this.reason = reason;
  }
}

/** A missing path, a value of the wrong type: what no Catch and no Retry sees. */
export function runtimeFailure(reason: string): StateFailure {
  return new StateFailure('States.Runtime', reason);
}

export function dataLimitFailure(what: string): StateFailure {
  const reason = `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`;
  return new StateFailure('States.DataLimitExceeded', reason);
}

/**
 * Whether a Retry or Catch with `names` is for `error`.
 *
 * The wildcards miss what the documentation calls terminal
 * (https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html). By name `States.DataLimitExceeded`
 * of a task's result can be caught, as recorded from AWS; `States.Runtime` cannot even so.
 */
export function isNamed(names: string[], error: string | null): boolean {
  if (error === null || error === 'States.Runtime') return false;
  return names.some((name) => {
    if (name === error) return true;
    if (error === 'States.DataLimitExceeded') return false;
    return name === 'States.ALL' || (name === 'States.TaskFailed' && error !== 'States.Timeout');
  });
}
