import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from '@jest/globals';
import { drawWorkflows, PAGES, place } from '../../docs/draw-workflow.ts';
import { edges } from '../guards/asl/graph.ts';
import { definitions, readMachine } from '../guards/asl/machine.ts';

test.each(PAGES.map((each) => ({ ...each, name: basename(each.page) })))(
  'the picture in $name is that of the workflows as they are: npm run draw',
  async ({ page, picture }) => {
    const text = await readFile(page, 'utf8');
    expect(text).toBe(place(text, await picture()));
  },
);

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
  expect(() => place('no marks', 'new')).toThrow('The page lacks <!-- workflow:begin -->');
});
