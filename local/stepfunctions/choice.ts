import { runtimeFailure } from './failure.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { find, type Path, parsePath, type Scope } from './path.ts';

/** Whether a choice rule holds. */
export type Rule = (scope: Scope) => boolean;

const COMPARISON = /^(String|Numeric|Timestamp|Boolean)(Equals|(?:Less|Greater)Than(?:Equals)?)(Path)?$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A value in the form in which its kind is compared; null when it is of another kind, and then no comparison holds. */
const KINDS: Record<string, (value: Json | undefined) => string | number | null> = {
  String: (value) => (typeof value === 'string' ? value : null),
  Numeric: (value) => (typeof value === 'number' ? value : null),
  Boolean: (value) => (typeof value === 'boolean' ? Number(value) : null),
  Timestamp: (value) => (typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : null),
};

const OPERATORS: Record<string, (one: string | number, two: string | number) => boolean> = {
  Equals: (one, two) => one === two,
  LessThan: (one, two) => one < two,
  LessThanEquals: (one, two) => one <= two,
  GreaterThan: (one, two) => one > two,
  GreaterThanEquals: (one, two) => one >= two,
};

const TYPE_TESTS: Record<string, (value: Json | undefined) => boolean> = {
  IsNull: (value) => value === null,
  IsBoolean: (value) => typeof value === 'boolean',
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsTimestamp: (value) => typeof value === 'string' && TIMESTAMP.test(value),
};

/** One rule without its `Next` (https://states-language.net/spec.html#choice-state). */
export function compileRule(rule: Json): Rule {
  if (!isObject(rule)) throw new Error('A choice rule is an object.');
  const { Next: _, Comment: __, Variable: variable, ...operators } = rule;
  const [operator, ...more] = Object.entries(operators);
  if (!operator || more.length > 0) {
    throw new Error(`A choice rule has one operator, and this one: ${Object.keys(operators).join(', ') || 'none'}.`);
  }
  const [name, operand] = operator;
  if (name === 'Not') return negated(compileRule(operand));
  if (name === 'And' || name === 'Or') return combined(name, operand);
  if (typeof variable !== 'string') throw new Error('A choice rule needs a Variable.');
  return compileComparison(parsePath(variable), name, operand);
}

function negated(rule: Rule): Rule {
  return (scope) => !rule(scope);
}

function combined(name: 'And' | 'Or', operand: Json): Rule {
  if (!Array.isArray(operand) || operand.length === 0) throw new Error(`"${name}" is a list of rules.`);
  const rules = operand.map(compileRule);
  return name === 'And' ? (scope) => rules.every((rule) => rule(scope)) : (scope) => rules.some((rule) => rule(scope));
}

function compileComparison(variable: Path, name: string, operand: Json): Rule {
  if (name === 'IsPresent') return (scope) => (find(variable, scope) !== undefined) === operand;
  const ofType = TYPE_TESTS[name];
  if (ofType) return (scope) => ofType(valueAt(variable, scope)) === operand;
  if (name === 'StringMatches') return compileMatch(variable, operand);
  const match = COMPARISON.exec(name);
  const kind = KINDS[match?.[1] ?? ''];
  const holds = OPERATORS[match?.[2] ?? ''];
  if (!match || !kind || !holds || (match[1] === 'Boolean' && match[2] !== 'Equals')) {
    throw new Error(`"${name}" is no operator of a choice rule.`);
  }
  const right = match[3] ? compileOperandPath(operand) : () => operand;
  if (!match[3] && kind(operand) === null) throw new Error(`"${name}" cannot compare with ${JSON.stringify(operand)}.`);
  return (scope) => {
    const one = kind(valueAt(variable, scope));
    const two = kind(right(scope));
    return one !== null && two !== null && holds(one, two);
  };
}

function compileOperandPath(operand: Json): (scope: Scope) => Json {
  const path = parsePath(String(operand));
  return (scope) => valueAt(path, scope);
}

function compileMatch(variable: Path, operand: Json): Rule {
  if (typeof operand !== 'string') throw new Error('"StringMatches" needs a string.');
  const source = operand.replace(/\\\*|\*|[\\^$.|?+()[\]{}]/g, (part) =>
    part === '*' ? '.*' : part === '\\*' ? '\\*' : `\\${part}`,
  );
  const pattern = new RegExp(`^${source}$`, 's');
  return (scope) => {
    const value = valueAt(variable, scope);
    return typeof value === 'string' && pattern.test(value);
  };
}

function valueAt(path: Path, scope: Scope): Json {
  const value = find(path, scope);
  if (value !== undefined) return value;
  throw runtimeFailure(`Invalid path '${path.text}': The choice state's condition path references an invalid value.`);
}

/** The rules of a Choice state, each with where it leads. */
export type Choice = { rule: Rule; next: string };

export function compileChoice(json: JsonObject): Choice {
  if (typeof json.Next !== 'string') throw new Error('A choice rule at the top has a Next.');
  return { rule: compileRule(json), next: json.Next };
}
