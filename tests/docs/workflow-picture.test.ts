import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { drawWorkflows, place, README } from '../../docs/draw-workflow.ts';
import { edges } from '../guards/asl/graph.ts';
import { definitions, readMachine } from '../guards/asl/machine.ts';

test('the picture in README.md is that of the workflows as they are: node docs/draw-workflow.ts', async () => {
  const text = await readFile(README, 'utf8');
  expect(text).toBe(place(text, await drawWorkflows()));
});

test('the picture shows every state of every workflow, and every way from one to another', async () => {
  const picture = await drawWorkflows();
  for (const [name, definition] of await definitions()) {
    const machine = readMachine(name, definition);
    for (const state of Object.keys(machine.States)) expect(picture).toContain(`"${state}"`);
    for (const { from, to } of edges(machine)) {
      expect(picture).toMatch(new RegExp(`${from} -[.-]+>(\\|".*"\\|)? (\\w+_)?${to}\n`));
    }
  }
});

test('puts the picture between its marks and leaves the rest, and says so when there are none', () => {
  const text = 'a\n<!-- workflow:begin -->\nold\n<!-- workflow:end -->\nb\n';
  const placed = place(text, 'new');
  expect(placed).toBe('a\n<!-- workflow:begin -->\nnew\n<!-- workflow:end -->\nb\n');
  expect(place(placed, 'new')).toBe(placed);
  expect(() => place('no marks', 'new')).toThrow('README.md lacks <!-- workflow:begin -->');
});
