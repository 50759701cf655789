import { expect, test } from '@jest/globals';
import { compileRule } from '../../local/stepfunctions/choice.ts';
import { StateFailure } from '../../local/stepfunctions/failure.ts';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { compileMachine } from '../../local/stepfunctions/machine.ts';
import { parseReferencePath, put } from '../../local/stepfunctions/path.ts';
import { compileTemplate } from '../../local/stepfunctions/template.ts';
import { functionArn, machine, machineArn, task, withStepFunctions } from './with-step-functions.ts';

const context = { Execution: { Name: 'run' } };

function make(template: Json, input: Json = {}): Json {
  return compileTemplate(template)({ input, context });
}

function holds(rule: JsonObject, input: Json): boolean {
  return compileRule(rule)({ input, context });
}

test('a template takes literals as they stand and fields with $ from their path', () => {
  const input = { a: { 'b c': [1, { d: null }] } };
  expect(
    make(
      {
        plain: { deep: ['$.a', { 'x.$': '$.a' }] },
        'all.$': '$',
        'quoted.$': "$.a['b c'][1].d",
        'name.$': '$$.Execution.Name',
      },
      input,
    ),
  ).toEqual({ plain: { deep: ['$.a', { x: input.a }] }, all: input, quoted: null, name: 'run' });
});

test('intrinsic functions nest, and keep quotes and backslashes of their data', () => {
  const input = { n: 2, quoted: 'a "b" \\ c', list: [1, 'x'], json: '{"y":1}' };
  const call = (source: string) => make({ 'v.$': source }, input);
  const cases: [string, Json][] = [
    ["States.Format('{} of {}, \\'{}\\'', $.n, States.ArrayLength($.list), $.quoted)", '2 of 2, \'a "b" \\ c\''],
    ['States.JsonToString($.list)', '[1,"x"]'],
    ['States.JsonToString($.quoted)', '"a \\"b\\" \\\\ c"'],
    ['States.StringToJson($.json)', { y: 1 }],
    ['States.StringToJson(States.JsonToString($))', input],
    ["States.Array(1, -2.5, true, null, 'it\\'s', $.n)", [1, -2.5, true, null, "it's", 2]],
    ['States.ArrayGetItem($.list, 1)', 'x'],
    ["States.ArrayContains($.list, 'x')", true],
    ['States.JsonMerge($, States.StringToJson($.json), false)', { ...input, y: 1 }],
    ['States.MathAdd($.n, -5)', -3],
    ["States.StringSplit('a,b;c', ',;')", ['a', 'b', 'c']],
    ["States.Hash('a', 'SHA-256')", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
  ];
  for (const [source, value] of cases) expect([source, call(source)]).toEqual([source, { v: value }]);
  expect(() => call("States.Format('{}{}', 1)")).toThrow(StateFailure);
  expect(() => call("States.StringToJson('not')")).toThrow(/States.IntrinsicFailure/);
});

test('what is neither a path nor a function that is known is refused before anything runs', () => {
  for (const source of [
    'a',
    '$.a b',
    '$..a',
    '$.a[*]',
    '$.a[1:2]',
    '$.a[?(@.b)]',
    'States.Nope()',
    "States.Format('{}'",
    '$.a.',
  ]) {
    expect(() => compileTemplate({ 'v.$': source })).toThrow();
  }
  expect(() => compileTemplate({ 'v.$': 1 })).toThrow('"v.$" is not a string');
});

test('a result is put at its path in a copy; what is no object there is in the way', () => {
  const at = (path: string, input: Json) => put(parseReferencePath(path), input, 'new');
  const input = { a: { b: 1 }, c: 2 };
  expect(at('$', input)).toBe('new');
  expect(at('$.a', input)).toEqual({ a: 'new', c: 2 });
  expect(at('$.a.x.y', input)).toEqual({ a: { b: 1, x: { y: 'new' } }, c: 2 });
  expect(input).toEqual({ a: { b: 1 }, c: 2 });
  expect(() => at('$.c.d', input)).toThrow(/States.ResultPathMatchFailure/);
  expect(() => at('$.a', 'text')).toThrow(/States.ResultPathMatchFailure/);
  expect(() => parseReferencePath('$$.a')).toThrow();
  expect(() => parseReferencePath('$.a[0]')).toThrow();
});

test('a comparison holds for values of its own type only', () => {
  const values: Json[] = [null, true, false, 0, 1, 2, '', 'a', 'b', '2026-01-02T00:00:00Z', [], {}];
  const chosen = (operator: JsonObject) => values.filter((v) => holds({ Variable: '$.v', ...operator }, { v }));
  expect(chosen({ StringEquals: 'a' })).toEqual(['a']);
  expect(chosen({ StringLessThan: 'b' })).toEqual(['', 'a', '2026-01-02T00:00:00Z']);
  expect(chosen({ NumericGreaterThan: 0 })).toEqual([1, 2]);
  expect(chosen({ NumericLessThanEquals: 1 })).toEqual([0, 1]);
  expect(chosen({ BooleanEquals: false })).toEqual([false]);
  expect(chosen({ TimestampLessThan: '2026-01-02T01:00:00+00:30' })).toEqual(['2026-01-02T00:00:00Z']);
  expect(chosen({ StringMatches: '*a*' })).toEqual(['a']);
  expect(chosen({ IsNull: true })).toEqual([null]);
  expect(chosen({ IsNull: false })).toEqual(values.slice(1));
  expect(chosen({ IsBoolean: false })).not.toContain(true);
  expect(chosen({ IsString: true })).toEqual(['', 'a', 'b', '2026-01-02T00:00:00Z']);
  expect(chosen({ IsNumeric: true })).toEqual([0, 1, 2]);
  expect(chosen({ IsTimestamp: true })).toEqual(['2026-01-02T00:00:00Z']);
});

test('presence can be asked of what is not there; And, Or and Not combine; a path gives the other side', () => {
  expect(holds({ Variable: '$.a.b', IsPresent: true }, { a: 1 })).toBe(false);
  expect(holds({ Variable: '$.a.b', IsPresent: false }, { a: 1 })).toBe(true);
  expect(holds({ Variable: '$.a', IsPresent: true }, { a: null })).toBe(true);
  const present: JsonObject = { Variable: '$.a', IsPresent: true };
  const one: JsonObject = { Variable: '$.a', NumericEquals: 1 };
  expect(holds({ And: [present, one] }, { a: 1 })).toBe(true);
  expect(holds({ And: [present, one] }, {})).toBe(false);
  expect(holds({ Or: [one, { Not: present }] }, { a: 2 })).toBe(false);
  expect(holds({ Variable: '$.a', NumericEqualsPath: '$.b' }, { a: 1, b: 1 })).toBe(true);
  expect(holds({ Variable: '$.a', StringMatches: 'a\\*[1]?' }, { a: 'a*[1]?' })).toBe(true);
  expect(holds({ Variable: '$.a', StringMatches: 'a.c*' }, { a: 'abc' })).toBe(false);
});

test('rules that are none are refused', () => {
  for (const rule of [
    {},
    { Variable: '$.a' },
    { StringEquals: 'a' },
    { Variable: '$.a', StringEquals: 1 },
    { Variable: '$.a', StringEquals: 'a', NumericEquals: 1 },
    { Variable: '$.a', BooleanLessThan: true },
    { Variable: '$.a', Like: 'x' },
    { And: [] },
  ]) {
    expect(() => compileRule(rule)).toThrow();
  }
});

const known = { functions: new Set([functionArn('f')]), machines: new Set([machineArn('child')]) };

function compile(definition: JsonObject) {
  return compileMachine({ name: 'm', arn: machineArn('m'), roleArn: 'r', definition }, known);
}

const sync = (parameters: JsonObject): JsonObject => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::states:startExecution.sync:2',
  Parameters: parameters,
  End: true,
});

test.each<[string, JsonObject, string]>([
  ['JSONata', { QueryLanguage: 'JSONata', ...machine({ A: { Type: 'Succeed' } }) }, 'QueryLanguage: '],
  ['JSONata of a state', machine({ A: { Type: 'Succeed', QueryLanguage: 'JSONata' } }), 'States.A.QueryLanguage: '],
  ['Assign', machine({ A: task('f', { Assign: { x: 1 } }) }), 'States.A has Assign, which is not supported.'],
  ['a Map', machine({ A: { Type: 'Map', End: true } }), 'States.A.Type: no such type of state is supported.'],
  ['heartbeats', machine({ A: task('f', { HeartbeatSeconds: 1 }) }), 'States.A has HeartbeatSeconds'],
  ['an unknown function', machine({ A: task('g') }), `States.A: Resource ${functionArn('g')} is no function`],
  [
    'another integration',
    machine({ A: { ...sync({}), Resource: 'arn:aws:states:::lambda:invoke' } }),
    'States.A: Resource arn:aws:states:::lambda:invoke is no function that is deployed',
  ],
  [
    'an unknown machine',
    machine({ A: sync({ StateMachineArn: machineArn('no') }) }),
    'is no state machine that is deployed',
  ],
  ['a machine by path', machine({ A: sync({ 'StateMachineArn.$': '$.x' }) }), 'null is no state machine'],
  [
    'parameters that do nothing',
    machine({ A: sync({ StateMachineArn: machineArn('child'), Nam: 'x' }) }),
    'Parameters.Nam',
  ],
  ['a missing target', machine({ A: task('f', { Next: 'B' }) }), 'MISSING_TRANSITION_TARGET: there is no state "B".'],
  ['a state nobody reaches', machine({ A: task('f'), B: { Type: 'Succeed' } }), 'States.B is not reachable.'],
  ['no start', { StartAt: 'B', States: { A: { Type: 'Succeed' } } }, 'StartAt: there is no state "B".'],
  ['neither Next nor End', machine({ A: { Type: 'Pass' } }), 'needs either Next or End'],
  [
    'States.ALL in company',
    machine({ A: task('f', { Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] }) }),
    'States.ALL must stand alone',
  ],
  [
    'States.ALL not last',
    machine({ A: task('f', { Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }) }),
    'States.ALL must stand alone',
  ],
  ['a bad path', machine({ A: task('f', { InputPath: '$..a' }) }), 'States.A.InputPath: "$..a"'],
  [
    'a bad rule',
    machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', Is: 1, Next: 'B' }] }, B: { Type: 'Succeed' } }),
    'States.A.Choices.0: "Is" is no operator of a choice rule.',
  ],
])('%s is refused at deploy, by name and place', (_, definition, message) => {
  expect(() => compile(definition)).toThrow(message);
  expect(() => compile(definition)).toThrow('State machine m: ');
});

test('the context object tells execution, state and machine', async () => {
  await withStepFunctions(
    {
      machines: { m: machine({ Look: { Type: 'Pass', Parameters: { 'context.$': '$$' }, End: true } }) },
    },
    async ({ run }) => {
      const { output, executionArn, name, startDate } = await run('m', { a: 1 });
      expect(JSON.parse(output ?? '').context).toEqual({
        Execution: {
          Id: executionArn,
          Input: { a: 1 },
          Name: name,
          RoleArn: 'arn:aws:iam::000000000000:role/m',
          StartTime: startDate?.toISOString(),
          RedriveCount: 0,
        },
        State: { Name: 'Look', EnteredTime: expect.stringMatching(/^\d{4}-.*Z$/) },
        StateMachine: { Id: machineArn('m'), Name: 'm' },
      });
    },
  );
});
