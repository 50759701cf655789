/**
 * What is known of a JSON value: `null`, an object of which these keys are there, or `value`, something of which nothing
 * more is known, so that nothing inside it counts as written.
 */
export type Shape = 'value' | 'null' | { readonly [key: string]: Shape };

/** The steps of `$.a.b`; null for forms that Step Functions allows and the guards do not know. */
export function steps(path: string): string[] | null {
  if (!/^\$(\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(path)) return null;
  return path.split('.').slice(1);
}

/** The value at `path`, or null when it may be missing. */
export function at(shape: Shape, path: readonly string[]): Shape | null {
  const [first, ...rest] = path;
  if (first === undefined) return shape;
  if (typeof shape === 'string') return null;
  const inner = shape[first];
  return inner === undefined ? null : at(inner, rest);
}

/** `shape` after `value` was put at `path`, with the objects on the way made where they are missing. */
export function put(shape: Shape, path: readonly string[], value: Shape): Shape {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const fields = typeof shape === 'string' ? {} : shape;
  return { ...fields, [first]: put(fields[first] ?? {}, rest, value) };
}

/** What a JSON value promises of others like it: its keys, and which of them are null. */
export function shapeOf(value: unknown): Shape {
  if (value === null) return 'null';
  if (typeof value !== 'object' || Array.isArray(value)) return 'value';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/** The same for shapes that know the same, whatever the order of their keys. */
export function fingerprint(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  const keys = Object.keys(shape).sort();
  return `{${keys.map((key) => `${key}:${fingerprint(shape[key] ?? 'value')}`).join()}}`;
}
