import type { Comparison, Difference } from './difference.ts';
import { keyOf, type SchemaDocument, type SchemaObject, type SchemaPart } from './document.ts';
import { concerns, type IgnoreRule, leavesOut } from './ignore.ts';
import { NOT_VALID } from './kinds/fragments.ts';
import { normalForm } from './normal-form.ts';
import { shownBy } from './shown-by.ts';

export type CompareOptions = {
  ignore?: readonly IgnoreRule[];
  /** Columns are found by name; whether they must also come in the same order. `ignored` when left out. */
  columnOrder?: 'compared' | 'ignored';
};

/** How `actual` differs from `expected`, object by object. Parts of an object that is missing or unexpected are counted with it. */
export function compare(expected: SchemaDocument, actual: SchemaDocument, options: CompareOptions = {}): Comparison {
  const differences: Difference[] = [];
  const ignored: Comparison['ignored'] = [];
  const unused = new Set(options.ignore);
  for (const difference of differencesBetween(expected, actual, options.columnOrder ?? 'ignored')) {
    const rules = (options.ignore ?? []).filter((rule) => concerns(rule, difference));
    const whole = rules.filter((rule) => rule.line === undefined);
    const used = whole.length > 0 ? whole : lineRules(rules, difference);
    for (const rule of used) unused.delete(rule);
    const [rule] = used;
    if (rule) ignored.push({ difference, reason: rule.reason });
    else differences.push(difference);
  }
  return {
    equal: differences.length === 0,
    differences,
    ignored,
    unusedRules: [...unused].map(({ kind, name, reason }) => ({ kind, name, reason })),
  };
}

/** The rules without whose lines nothing differs; none when something differs all the same. */
function lineRules(rules: readonly IgnoreRule[], { expected, actual }: Difference): IgnoreRule[] {
  if (expected === null || actual === null) return [];
  const rest = (lines: readonly string[]) => lines.filter((line) => !rules.some((rule) => leavesOut(rule, line)));
  if (!areEqual(rest(expected), rest(actual))) return [];
  return rules.filter((rule) => [...expected, ...actual].some((line) => leavesOut(rule, line)));
}

function* differencesBetween(
  expected: SchemaDocument,
  actual: SchemaDocument,
  columnOrder: 'compared' | 'ignored',
): Generator<Difference> {
  for (const [key, should] of expected) {
    const is = actual.get(key);
    if (!is) {
      yield difference('missing', should, null, { expected: should.lines, actual: null, parts: should.parts.length });
      continue;
    }
    const order = columnOrder === 'compared' ? columnOrders(should, is) : null;
    yield* differs(
      { ...should, lines: order ? [...should.lines, order[0]] : should.lines },
      { ...is, lines: order ? [...is.lines, order[1]] : is.lines },
      null,
    );
    yield* partsBetween(should, is);
  }
  for (const [key, is] of actual) {
    if (expected.has(key)) continue;
    yield difference('unexpected', is, null, { expected: null, actual: is.lines, parts: is.parts.length });
  }
}

function* partsBetween(should: SchemaObject, is: SchemaObject): Generator<Difference> {
  const parts = new Map(is.parts.map((part) => [keyOf(part), part]));
  for (const part of should.parts) {
    const found = parts.get(keyOf(part));
    parts.delete(keyOf(part));
    if (found) yield* differs(part, found, is);
    else yield difference('missing', part, is, { expected: part.lines, actual: null, parts: 0 });
  }
  for (const part of parts.values()) {
    yield difference('unexpected', part, is, { expected: null, actual: part.lines, parts: 0 });
  }
}

type Comparable = SchemaPart | Omit<SchemaObject, 'parts'>;

function* differs(should: Comparable, is: Comparable, of: SchemaObject | null): Generator<Difference> {
  const { lines: expected } = should;
  const { lines: actual } = is;
  if (areEqual(expected, actual)) return;
  const holds = (lines: readonly string[]) => lines.filter((line) => line !== NOT_VALID);
  const broken = !expected.includes(NOT_VALID) && areEqual(expected, holds(actual));
  yield difference(broken ? 'invalid' : 'different', is, of, { expected, actual, parts: 0 });
}

function areEqual(expected: readonly string[], actual: readonly string[]): boolean {
  return (
    expected.length === actual.length &&
    expected.every((line, index) => line === actual[index] || normalForm(line) === normalForm(actual[index] ?? ''))
  );
}

/** A line for each side that names the columns which both have, when they come in another order. */
function columnOrders(should: SchemaObject, is: SchemaObject): [string, string] | null {
  const names = (object: SchemaObject) => object.parts.filter(({ kind }) => kind === 'column').map(({ name }) => name);
  const common = (object: SchemaObject, other: SchemaObject) => {
    const others = new Set(names(other));
    return names(object)
      .filter((name) => others.has(name))
      .join(', ');
  };
  const [first, second] = [common(should, is), common(is, should)];
  return first === second ? null : [`columns in the order ${first}`, `columns in the order ${second}`];
}

function difference(
  what: Difference['what'],
  { kind, name }: Comparable,
  of: SchemaObject | null,
  rest: Pick<Difference, 'expected' | 'actual' | 'parts'>,
): Difference {
  return {
    what,
    kind,
    name: of ? `${of.name}.${name}` : name,
    of: of && { kind: of.kind, name: of.name },
    ...rest,
    shownBy: shownBy(kind, name, of?.name ?? null),
  };
}
