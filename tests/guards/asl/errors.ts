import { called, type Machine, tasksOf } from './machine.ts';

/** Names that the service itself gives: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const SERVICE = { function: /^(States|Lambda|Sandbox)\./, machine: /^(States|StepFunctions)\./ };

/**
 * Names in `ErrorEquals` that the function behind the Task never gives an error. Minifiers rename classes, so only what
 * stands as a literal in the bundle counts.
 *
 * @param given by function, see {@link literalNames}
 */
export function errorFindings(all: readonly Machine[], given: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return tasksOf(all).flatMap(({ machine, name: state, at }) => {
    const { kind, name } = called(at);
    const names = [...(at.Retry ?? []), ...(at.Catch ?? [])].flatMap((one) => one.ErrorEquals);
    return names
      .filter((error) => !SERVICE[kind].test(error) && !(kind === 'function' && given.get(name)?.has(error)))
      .map((error) => `${machine.name}.${state}: waits for ${error}, which ${name} never reports`);
  });
}

/** The names that a bundle gives its errors: `name = 'XError'`, minified or not. */
export function literalNames(bundle: string): Set<string> {
  return new Set([...bundle.matchAll(/\bname\s*=\s*(["'`])(\w+Error)\1/g)].map((match) => match[2] ?? ''));
}
