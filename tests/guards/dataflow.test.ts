import { expect, test } from '@jest/globals';
import { ANSWERS } from './answers.ts';
import { dataflowFindings, type Known } from './asl/dataflow.ts';
import { type Machine, machines } from './asl/machine.ts';
import type { Shape } from './asl/shape.ts';
import { broken, done, fixture, nested, task } from './fixtures.ts';
import { deployedFunctions, starters } from './stack.ts';
import { wanted } from './wants.ts';

const findings = (all: Machine[], other: Partial<Known> = {}): string[] =>
  dataflowFindings({
    all,
    entries: new Map([[all[0]?.name ?? '', [{ run: 'value' }]]]),
    answers: new Map([['F', [{ id: 'value' }]]]),
    wants: new Map(),
    ...other,
  });

test('every path that a workflow reads is written on every way to it, and every function is given what it wants', async () => {
  const started = await starters();
  const fromOutside = started.map(({ starts, keys }): [string, Shape[]] => [
    starts,
    [Object.fromEntries(keys.map((key) => [key, 'value' as const]))],
  ]);
  const found = dataflowFindings({
    all: await machines(),
    entries: new Map([
      ['migrate', ['value']],
      ['accept-state', ['value']],
      ['restore', ['value']],
      ['backup', ['value']],
      ['drill', ['value']],
      ...fromOutside,
    ]),
    answers: ANSWERS,
    wants: await wanted(),
  });
  expect(found).toEqual([]);
});

test('the answer of every deployed function is known', async () => {
  expect([...ANSWERS.keys()].sort()).toEqual([...(await deployedFunctions()).keys()].sort());
});

test('sees a path that nothing writes', () => {
  const machine = fixture('m', { A: task('F', 'B', { Parameters: { 'x.$': '$.never' } }), B: done, Broken: broken });
  expect(findings([machine])).toEqual(['m.A: $.never is read and not always written']);
});

test('sees a path that is written on one of two ways only', () => {
  const machine = fixture('m', {
    A: task('F', 'B', {
      ResultPath: '$.a',
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'B' }],
    }),
    B: { Type: 'Wait', SecondsPath: '$.a.id', Next: 'C' },
    C: done,
  });
  expect(findings([machine])).toEqual(['m.B: $.a.id is read and not always written']);
});

test('sees a path inside an answer that does not promise it', () => {
  const machine = fixture('m', {
    A: task('F', 'B', { ResultPath: '$.a' }),
    B: { Type: 'Pass', Parameters: { 'x.$': '$.a.missing' }, Next: 'C' },
    C: done,
    Broken: broken,
  });
  expect(findings([machine])).toEqual(['m.B: $.a.missing is read and not always written']);
});

test('sees state that a result without ResultPath has replaced', () => {
  const machine = fixture('m', { A: task('F', 'B'), B: { Type: 'Succeed', OutputPath: '$.run' }, Broken: broken });
  expect(findings([machine])).toEqual(['m.B: $.run is read and not always written']);
});

test('sees a read inside null, and lets a Choice tell null from the rest', () => {
  const answers = new Map([['F', [{ a: 'null' }, { a: { b: 'value' } }] as Shape[]]]);
  const states = { C: { Type: 'Succeed', OutputPath: '$.a.b' }, D: done, Broken: broken };
  const careless = fixture('m', { A: task('F', 'C'), ...states, B: done });
  expect(findings([careless], { answers })).toEqual(['m.C: $.a.b is read and not always written']);
  const careful = fixture('m', {
    A: task('F', 'B'),
    B: { Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, Next: 'D' }], Default: 'C' },
    ...states,
  });
  expect(findings([careful], { answers })).toEqual([]);
});

test.each([
  { what: 'IsPresent', rule: { Variable: '$.x', IsPresent: true, Next: 'Used' } },
  {
    what: 'And',
    rule: {
      And: [
        { Variable: '$.x', IsPresent: true },
        { Variable: '$.x', NumericGreaterThan: 1 },
      ],
      Next: 'Used',
    },
  },
  { what: 'Not', rule: { Not: { Variable: '$.x', IsPresent: false }, Next: 'Used' } },
])('believes a Choice that asked before it read, by $what', ({ rule }) => {
  const machine = fixture('m', {
    A: { Type: 'Choice', Choices: [rule], Default: 'Unused' },
    Used: { Type: 'Succeed', OutputPath: '$.x' },
    Unused: { Type: 'Succeed', OutputPath: '$.run' },
  });
  expect(findings([machine])).toEqual([]);
  const unasked = fixture('m', { ...machine.States, Unused: { Type: 'Succeed', OutputPath: '$.x' } });
  expect(findings([unasked])).toEqual(['m.Unused: $.x is read and not always written']);
});

test.each([
  {
    what: 'the variable of a Choice',
    state: { Type: 'Choice', Choices: [{ Variable: '$.x', IsNull: true, Next: 'Z' }], Default: 'Z' },
  },
  {
    what: 'the other side of a Choice',
    state: { Type: 'Choice', Choices: [{ Variable: '$.run', StringEqualsPath: '$.x', Next: 'Z' }], Default: 'Z' },
  },
  {
    what: 'an intrinsic function',
    state: { Type: 'Pass', Parameters: { 'y.$': "States.Format('{} $.z', $.x)" }, Next: 'Z' },
  },
  { what: 'the name of a failure', state: { Type: 'Fail', ErrorPath: '$.x', CausePath: '$.run' } },
  { what: 'InputPath', state: { Type: 'Pass', InputPath: '$.x', Next: 'Z' } },
  { what: 'OutputPath', state: { Type: 'Pass', OutputPath: '$.x', Next: 'Z' } },
])('sees a read in $what', ({ state }) => {
  expect(findings([fixture('m', { A: state, Z: done })])).toEqual(['m.A: $.x is read and not always written']);
});

test('does not rely on the cause of an error, nor on what the context object has at some times only', () => {
  const machine = fixture('m', {
    A: task('F', 'Z', { Parameters: { 'x.$': '$$.Task.Token' } }),
    Broken: { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' },
    Z: done,
  });
  expect(findings([machine])).toEqual([
    'm.A: $$.Task.Token is read and not always written',
    'm.Broken: $.error.Cause is read and not always written',
  ]);
});

test('follows the input into a nested machine and its answer back', () => {
  const parent = fixture('parent', {
    A: nested('Child', 'B', {
      ResultSelector: { 'got.$': '$.Output.got', 'lost.$': '$.Output.lost' },
      ResultPath: '$.child',
    }),
    B: { Type: 'Succeed', OutputPath: '$.child.got' },
    Broken: broken,
  });
  const child = fixture('child', {
    A: { Type: 'Pass', Parameters: { 'got.$': '$.run', 'wrong.$': '$.notGiven' }, Next: 'B' },
    B: done,
  });
  expect(findings([parent, child])).toEqual([
    'child.A: $.notGiven is read and not always written',
    'parent.A: $.Output.lost is read and not always written',
  ]);
});

test('sees a call without what the function wants, at any depth, and knows its alternatives', () => {
  const schema = {
    required: ['run', 'state'],
    properties: {
      state: {
        anyOf: [
          { required: ['run', 'lease'], type: 'object' },
          { required: ['run', 'kind', 'name'], type: 'object' },
        ],
      },
    },
  };
  const machine = (Parameters: unknown) => [
    fixture('m', { A: task('F', 'Z', { Parameters }), Z: done, Broken: broken }),
  ];
  const wants = new Map([['F', schema]]);
  expect(findings(machine({ 'run.$': '$.run', state: { run: null, lease: 1 } }), { wants })).toEqual([]);
  expect(findings(machine({ 'run.$': '$.run', state: { run: null, kind: 'k' } }), { wants })).toHaveLength(1);
  expect(findings(machine({ state: { run: null, kind: 'k', name: 'n' } }), { wants })).toEqual([
    'm.A: F wants $.run, which is not always given',
  ]);
});
