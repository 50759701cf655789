import { expect, test } from '@jest/globals';
import { languageFindings, substitutionFindings } from './asl/language.ts';
import { called, definitions, machines, tasksOf } from './asl/machine.ts';
import { deployedMachines } from './stack.ts';

test('the workflows are valid JSONPath and nothing else, with placeholders that the stack fills', async () => {
  const deployed = await deployedMachines();
  const all = await definitions();
  expect([...all.keys()].sort()).toEqual([...deployed.keys()].sort());
  for (const [name, definition] of all) {
    expect(languageFindings(name, definition)).toEqual([]);
    expect(substitutionFindings(name, definition, deployed.get(name)?.filled ?? new Set())).toEqual([]);
  }
});

test('a machine that another one starts has a name made from its parent, so that a retried start makes no second child', async () => {
  const children = tasksOf(await machines()).filter(({ at }) => called(at).kind === 'machine');
  expect(children.length).toBeGreaterThan(9);
  for (const { at } of children) {
    const name = /^States\.Format\('[a-z-]{1,39}-\{\}', States\.Hash\(\$\$\.Execution\.Id, 'SHA-1'\)\)$/;
    expect(at.Parameters).toMatchObject({ 'Name.$': expect.stringMatching(name) });
  }
});

const machine = (state: Record<string, unknown>, other: Record<string, unknown> = {}) => ({
  StartAt: 'A',
  States: { A: { Type: 'Pass', Next: 'B', ...state }, B: { Type: 'Succeed' } },
  ...other,
});

test('has nothing to say about a definition that is as it should be', () => {
  expect(languageFindings('m', machine({ Parameters: { 'x.$': '$.y', z: 'text' } }))).toEqual([]);
});

test.each([
  { what: 'JSONata for the whole', definition: machine({}, { QueryLanguage: 'JSONata' }), finding: '/QueryLanguage' },
  { what: 'JSONata for one state', definition: machine({ QueryLanguage: 'JSONata' }), finding: '/A/QueryLanguage' },
  { what: 'JSONPath by name', definition: machine({ QueryLanguage: 'JSONPath' }), finding: '/A/QueryLanguage' },
  { what: 'an expression of JSONata', definition: machine({ Comment: '{% $states.input %}' }), finding: 'is JSONata' },
  { what: 'variables', definition: machine({ Assign: { 'x.$': '$.y' } }), finding: '/A/Assign' },
  { what: 'the use of a variable', definition: machine({ Parameters: { 'x.$': '$x' } }), finding: '$x is a variable' },
  {
    what: 'arguments',
    definition: machine({ Type: 'Task', Resource: '${F}', Arguments: {} }),
    finding: '/A/Arguments',
  },
  {
    what: 'another form of placeholder',
    definition: machine({ Type: 'Task', Resource: '${F.Arn}' }),
    finding: 'no placeholder',
  },
  { what: 'a placeholder inside a text', definition: machine({ Comment: 'calls ${F}' }), finding: 'no placeholder' },
  { what: 'a state that is not there', definition: machine({ Next: 'C' }), finding: 'asl-validator' },
  { what: 'a broken path', definition: machine({ Parameters: { 'x.$': '$.[' } }), finding: 'asl-validator' },
  { what: 'a field that is none', definition: machine({ TimeoutSecond: 3 }), finding: 'asl-validator' },
])('sees $what', ({ definition, finding }) => {
  expect(languageFindings('m', definition).join('\n')).toContain(finding);
});

test('sees a placeholder that nothing fills, and a filling that nothing asks for', () => {
  const definition = machine({ Type: 'Task', Resource: '${F}' });
  expect(substitutionFindings('m', definition, new Set(['G']))).toEqual([
    'm: ${F} is not filled by the stack',
    'm: the stack fills G, which nothing asks for',
  ]);
});
