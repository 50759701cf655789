import { at, type Shape, shapeOf, steps } from './shape.ts';

/**
 * What every state can read of its execution. `$$.State.RetryCount` is there in a retry only, `$$.Task.Token` where a token is
 * waited for: https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
const CONTEXT: Shape = {
  Execution: { Id: 'value', Name: 'value', Input: 'value', StartTime: 'value' },
  State: { Name: 'value', EnteredTime: 'value' },
  StateMachine: { Id: 'value', Name: 'value' },
};

export type Read = { shape: Shape; misses: string[] };

/** Reads one path of the state, or of the context when it begins with `$$`; a miss when the path may not be there. */
export function read(shape: Shape, path: string): Read {
  const context = path.startsWith('$$');
  const way = steps(context ? path.slice(1) : path);
  if (way === null) return { shape: 'value', misses: [`${path} is a form of path that the guards do not know`] };
  const found = at(context ? CONTEXT : shape, way);
  if (found !== null) return { shape: found, misses: [] };
  return { shape: 'value', misses: [`${path} is read and not always written`] };
}

/** Evaluates a Parameters or ResultSelector template: the shape that it makes, and what it reads in vain. */
export function evaluate(template: unknown, input: Shape): Read {
  if (Array.isArray(template)) {
    return { shape: 'value', misses: template.flatMap((item) => evaluate(item, input).misses) };
  }
  if (typeof template !== 'object' || template === null) return { shape: shapeOf(template), misses: [] };
  const fields = Object.entries(template).map(([key, value]) => {
    if (!key.endsWith('.$')) return { key, ...evaluate(value, input) };
    return { key: key.slice(0, -2), ...expression(String(value), input) };
  });
  return {
    shape: Object.fromEntries(fields.map(({ key, shape }) => [key, shape])),
    misses: fields.flatMap(({ misses }) => misses),
  };
}

/** A path, or an intrinsic function with paths among its arguments. */
function expression(text: string, input: Shape): Read {
  if (text.startsWith('$')) return read(input, text);
  const paths = text.replace(/'(\\.|[^'\\])*'/g, '').match(/\$[^\s,()]*/g) ?? [];
  return { shape: 'value', misses: paths.flatMap((path) => read(input, path).misses) };
}
