import { expect, test } from '@jest/globals';
import { StateMachine } from 'aws-local-stepfunctions';
import type { Json, JsonObject } from '../../local/stepfunctions/json.ts';
import { machine, named, task, withStepFunctions } from './with-step-functions.ts';

/** What the other interpreter on npm makes of a machine, its functions keyed by the states that call them. */
async function byPeer(definition: JsonObject, input: Json, functions: Record<string, (input: Json) => Json>) {
  const peer = new StateMachine(JSON.parse(JSON.stringify(definition)), { validationOptions: { noValidate: true } });
  const taskResourceLocalHandlers = Object.fromEntries(
    Object.entries(functions).map(([name, run]) => [
      name,
      async (given: unknown) => run(JSON.parse(JSON.stringify(given))),
    ]),
  );
  const { result } = peer.run(input === null ? null : JSON.parse(JSON.stringify(input)), {
    overrides: { taskResourceLocalHandlers },
  });
  return result.then(
    (output) => ({ output: JSON.parse(JSON.stringify(output)) }),
    (error: Error) => ({ error: error.cause instanceof Error ? error.cause.name : error.name }),
  );
}

async function byUs(definition: JsonObject, input: Json, functions: Record<string, (input: Json) => Json>) {
  return withStepFunctions({ machines: { m: definition }, functions }, async ({ run }) => {
    const { output, error } = await run('m', input);
    return output === undefined ? { error } : { output: JSON.parse(output) };
  });
}

const f = (input: Json): Json => ({ got: input, list: [1, 2, { three: 3 }] });
const bad = (): Json => {
  throw named('BadError');
};
const input = { a: { b: 'x', n: 5 }, list: [1, { c: true }], t: '2026-01-01T00:00:00Z' };
const choice = (rule: JsonObject) =>
  machine({
    Which: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: 'yes', End: true },
    No: { Type: 'Pass', Result: 'no', End: true },
  });

const agreed: [string, JsonObject][] = [
  [
    'parameters and a result path',
    machine({ f: task('f', { Parameters: { 'x.$': '$.a.b', y: [1] }, ResultPath: '$.r.s' }) }),
  ],
  [
    'an input path and a selector',
    machine({ f: task('f', { InputPath: '$.a', ResultSelector: { 'z.$': '$.list[2].three' } }) }),
  ],
  ['output path', machine({ f: task('f', { ResultPath: '$.r', OutputPath: '$.r.got.list' }) })],
  ['a result that is dropped', machine({ f: task('f', { ResultPath: null }) })],
  ['no input', machine({ f: task('f', { InputPath: null }) })],
  [
    'a catch',
    machine({
      bad: task('bad', { Catch: [{ ErrorEquals: ['BadError'], ResultPath: null, Next: 'On' }] }),
      On: { Type: 'Succeed' },
    }),
  ],
  [
    'an error that nothing catches',
    machine({ bad: task('bad', { Catch: [{ ErrorEquals: ['X'], Next: 'On' }] }), On: { Type: 'Succeed' } }),
  ],
  ['a path that is missing', machine({ f: task('f', { Parameters: { 'x.$': '$.not' } }) })],
  [
    'format and merge',
    machine({
      P: {
        Type: 'Pass',
        Parameters: {
          'v.$': "States.Format('{}-{}', $.a.b, States.MathAdd($.a.n, 1))",
          'm.$': 'States.JsonMerge($.a, $.list[1], false)',
        },
        End: true,
      },
    }),
  ],
  ['numbers', choice({ Variable: '$.a.n', NumericGreaterThanEquals: 5 })],
  [
    'a combination',
    choice({
      And: [
        { Variable: '$.a.b', StringEquals: 'x' },
        { Not: { Variable: '$.t', TimestampLessThan: '2020-01-01T00:00:00Z' } },
      ],
    }),
  ],
  ['presence', choice({ Variable: '$.a.z', IsPresent: true })],
  ['a failure', machine({ F: { Type: 'Fail', ErrorPath: '$.a.b', Cause: 'c' } })],
];

test.each(agreed)('agrees with aws-local-stepfunctions: %s', async (_, definition) => {
  expect(await byUs(definition, input, { f, bad })).toEqual(await byPeer(definition, input, { f, bad }));
});

const disputed: [string, JsonObject, Json, object][] = [
  ['a result at $', machine({ f: task('f', { ResultPath: '$' }) }), 1, { output: f(1) }],
  ['IsNull false', choice({ Variable: '$.a', IsNull: false }), input, { output: 'yes' }],
  ['IsPresent false', choice({ Variable: '$.z', IsPresent: false }), input, { output: 'yes' }],
  ['null below a number', choice({ Variable: '$.a', NumericLessThan: 1 }), { a: null }, { output: 'no' }],
  ['a Result of null', machine({ P: { Type: 'Pass', Result: null, End: true } }), input, { output: null }],
  [
    'a backslash in JSON',
    machine({ P: { Type: 'Pass', Parameters: { 'v.$': 'States.JsonToString($)' }, OutputPath: '$.v', End: true } }),
    '"',
    { output: '"\\""' },
  ],
  [
    'the name of the state',
    machine({ P: { Type: 'Pass', Parameters: { 'v.$': '$$.State.Name' }, End: true } }),
    input,
    { output: { v: 'P' } },
  ],
];

test.each(disputed)(
  'and differs where it is wrong, which is why it does not run our machines: %s',
  async (_, definition, given, right) => {
    expect(await byUs(definition, given, { f })).toEqual(right);
    expect(await byPeer(definition, given, { f })).not.toEqual(right);
  },
);
