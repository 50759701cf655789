import { StateFailure } from './failure.ts';
import { isObject, type Json } from './json.ts';

/** A path to one value: `$.a.b`, `$['a b']`, `$.list[0]`, and `$$.Execution.Id` into the context object. */
export type Path = { text: string; ofContext: boolean; steps: (string | number)[] };

/** What paths are read from: the state's input (or result), and the context object. */
export type Scope = { input: Json; context: Json };

const STEP = /^(?:\.([\p{L}\p{N}_-]+)|\['([^'\\]*)'\]|\["([^"\\]*)"\]|\[(\d+)\])/u;

/** Parses `text`; wildcards, slices and filters are refused, since our machines have no use for them. */
export function parsePath(text: string): Path {
  if (!text.startsWith('$')) throw new Error(`"${text}" is not a path: it does not begin with $.`);
  const ofContext = text.startsWith('$$');
  const steps: (string | number)[] = [];
  for (let rest = text.slice(ofContext ? 2 : 1); rest !== ''; ) {
    const match = STEP.exec(rest);
    if (!match) throw new Error(`"${text}": the local cloud reads $.name, $['name'] and $.list[0], and not "${rest}".`);
    steps.push(match[4] === undefined ? (match[1] ?? match[2] ?? match[3] ?? '') : Number(match[4]));
    rest = rest.slice(match[0].length);
  }
  return { text, ofContext, steps };
}

/** A path that a result can be put at. */
export function parseReferencePath(text: string): Path {
  const path = parsePath(text);
  if (path.ofContext || path.steps.some((step) => typeof step === 'number')) {
    throw new Error(`"${text}": a result is put at $ or below names, as $.a.b.`);
  }
  return path;
}

/** The value at `path`, undefined where there is none. */
export function find(path: Path, scope: Scope): Json | undefined {
  let value: Json | undefined = path.ofContext ? scope.context : scope.input;
  for (const step of path.steps) value = child(value, step);
  return value;
}

function child(value: Json | undefined, step: string | number): Json | undefined {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isObject(value) && typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** Why there is nothing at `path`, in the words of the JSONPath library that the service uses. */
export function missing(path: Path, scope: Scope): string {
  let value: Json | undefined = path.ofContext ? scope.context : scope.input;
  for (const [index, step] of path.steps.entries()) {
    value = child(value, step);
    if (value !== undefined) continue;
    const place = `$${path.steps
      .slice(0, index + 1)
      .map((name) => (typeof name === 'number' ? `[${name}]` : `['${name}']`))
      .join('')}`;
    const last = index === path.steps.length - 1;
    return `Invalid path '${path.text}' : ${last ? 'No results for path:' : 'Missing property in path'} ${place}`;
  }
  return `Invalid path '${path.text}'`;
}

/** A copy of `target` with `value` at `path`; objects on the way are made, anything else there is in the way. */
export function put(path: Path, target: Json, value: Json): Json {
  const [step, ...rest] = path.steps;
  if (step === undefined) return value;
  if (!isObject(target)) {
    throw new StateFailure(
      'States.ResultPathMatchFailure',
      `Unable to apply Path transformation to null or non-object input: ${path.text}`,
    );
  }
  const below = child(target, step) ?? {};
  return { ...target, [step]: put({ ...path, steps: rest }, below, value) };
}
