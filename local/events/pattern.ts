import * as z from 'zod/mini';
import { refusal } from './errors.ts';

/** Whether an event is one that a rule waits for. */
export type Pattern = (event: unknown) => boolean;

const leaf = z.union([z.string(), z.number(), z.boolean(), z.null(), z.strictObject({ prefix: z.string() })]);
type Leaf = z.infer<typeof leaf>;

/**
 * An event pattern (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html): each field lists
 * values, exact or `{ prefix }`, of which one must be the event's, or one of the event's where that has a list.
 *
 * @param place what errors say it by
 */
export function compilePattern(pattern: unknown, place: string): Pattern {
  if (Array.isArray(pattern)) {
    const leaves = pattern.map((one: unknown, index) => {
      const result = leaf.safeParse(one);
      if (!result.success) throw refusal(`${place}.${index}: ${JSON.stringify(one)} is no exact value and no prefix.`);
      return result.data;
    });
    return (value) =>
      (Array.isArray(value) ? value : [value]).some((one) => leaves.some((wanted) => fits(wanted, one)));
  }
  if (typeof pattern !== 'object' || pattern === null || Object.keys(pattern).length === 0) {
    throw refusal(`${place} is neither a list of values nor an object of fields.`);
  }
  const fields = Object.entries(pattern).map(([name, below]): [string, Pattern] => [
    name,
    compilePattern(below, `${place}.${name}`),
  ]);
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const given = new Map<string, unknown>(Object.entries(value));
    return fields.every(([name, test]) => given.has(name) && test(given.get(name)));
  };
}

function fits(wanted: Leaf, value: unknown): boolean {
  if (typeof wanted === 'object' && wanted !== null)
    return typeof value === 'string' && value.startsWith(wanted.prefix);
  return wanted === value;
}
