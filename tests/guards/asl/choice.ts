import * as z from 'zod/mini';
import type { Choice } from './machine.ts';
import { at, put, type Shape, steps } from './shape.ts';
import { read } from './template.ts';

const rules = z.array(z.record(z.string(), z.unknown()));

/** What a rule reads in vain, and what is known where it held and where it did not; null where it cannot come to that. */
type Tested = { misses: string[]; held: Shape | null; failed: Shape | null };

/** Follows the rules of a Choice in their order; each way out with what is known on it. */
export function decide(choice: Choice, input: Shape): { misses: string[]; ways: { to: string; shape: Shape }[] } {
  const ways: { to: string; shape: Shape }[] = [];
  const misses: string[] = [];
  let rest: Shape | null = input;
  for (const rule of choice.Choices) {
    if (rest === null) break;
    const tested = test(rule, rest);
    misses.push(...tested.misses);
    if (tested.held !== null) ways.push({ to: rule.Next, shape: tested.held });
    rest = tested.failed;
  }
  if (choice.Default !== undefined && rest !== null) ways.push({ to: choice.Default, shape: rest });
  return { misses, ways };
}

function test(rule: Record<string, unknown>, input: Shape): Tested {
  if (rule.And !== undefined) return every(rules.parse(rule.And), input);
  if (rule.Or !== undefined) {
    const { misses, held, failed } = every(rules.parse(rule.Or), input, inverted);
    return { misses, held: failed, failed: held };
  }
  if (rule.Not !== undefined) {
    const [part = {}] = rules.parse([rule.Not]);
    return inverted(part, input);
  }
  return compare(rule, input);
}

function inverted(rule: Record<string, unknown>, input: Shape): Tested {
  const { misses, held, failed } = test(rule, input);
  return { misses, held: failed, failed: held };
}

/** Parts are tested in their order, each where those before it held. */
function every(parts: Record<string, unknown>[], input: Shape, tester = test): Tested {
  const misses: string[] = [];
  let held: Shape | null = input;
  let certain = true;
  for (const part of parts) {
    if (held === null) break;
    const tested = tester(part, held);
    misses.push(...tested.misses);
    certain &&= tested.failed === null;
    held = tested.held;
  }
  return { misses, held, failed: certain ? null : input };
}

function compare(rule: Record<string, unknown>, input: Shape): Tested {
  const variable = String(rule.Variable);
  const way = steps(variable);
  if (typeof rule.IsPresent === 'boolean' && way !== null) {
    const there = at(input, way) !== null;
    const present = there ? input : put(input, way, 'value');
    const absent = there ? null : input;
    return { misses: [], held: rule.IsPresent ? present : absent, failed: rule.IsPresent ? absent : present };
  }
  const paths = Object.entries(rule).filter(([key]) => key.endsWith('Path'));
  const misses = [variable, ...paths.map(([, path]) => String(path))].flatMap((path) => read(input, path).misses);
  const found = way === null ? null : at(input, way);
  if (typeof rule.IsNull === 'boolean' && found !== null && found !== 'value') {
    const holds = (found === 'null') === rule.IsNull;
    return { misses, held: holds ? input : null, failed: holds ? null : input };
  }
  return { misses, held: input, failed: input };
}
