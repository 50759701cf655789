import type { TaskState } from './definition.ts';
import { runtimeFailure } from './failure.ts';
import type { Json } from './json.ts';
import { find, missing, type Path, put, type Scope } from './path.ts';

/** Result selector, result path and output path, in this order. */
export function shaped(
  state: Pick<TaskState, 'ResultSelector' | 'ResultPath' | 'OutputPath'>,
  scope: Scope,
  result: Json,
): Json {
  const selected = state.ResultSelector ? state.ResultSelector({ ...scope, input: result }) : result;
  const output = placeResult(state.ResultPath, scope.input, selected);
  return filter(state.OutputPath, { ...scope, input: output });
}

export function placeResult(path: Path | null | undefined, input: Json, result: Json): Json {
  if (path === null) return input;
  return path === undefined ? result : put(path, input, result);
}

/** InputPath and OutputPath: null means nothing, that is an empty object. */
export function filter(path: Path | null | undefined, scope: Scope): Json {
  if (path === null) return {};
  if (path === undefined) return scope.input;
  const value = find(path, scope);
  if (value === undefined) throw runtimeFailure(missing(path, scope));
  return value;
}

/** A number of seconds that the state's data gives. */
export function wholeNumber(path: Path, scope: Scope, field: string): number {
  const value = filter(path, scope);
  const what = `${path.text} == ${JSON.stringify(value)}`;
  if (!Number.isInteger(value))
    throw runtimeFailure(`The ${field} parameter cannot be parsed as a long value: ${what}`);
  if (Number(value) < 0) throw runtimeFailure(`The ${field} parameter references a negative value: ${what}`);
  return Number(value);
}
