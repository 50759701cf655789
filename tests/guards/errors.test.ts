import { expect, test } from '@jest/globals';
import { transform } from 'esbuild';
import { errorFindings, literalNames } from './asl/errors.ts';
import { machines } from './asl/machine.ts';
import { bundles } from './bundles.ts';
import { broken, done, fixture, nested, retry, task } from './fixtures.ts';

test('every error that a workflow waits for is one that the function behind it can report, as it is deployed', async () => {
  const names = new Map([...(await bundles())].map(([name, text]) => [name, literalNames(text)]));
  for (const [name, given] of names) expect({ name, errors: given.size }).not.toEqual({ name, errors: 0 });
  expect(errorFindings(await machines(), names)).toEqual([]);
});

const machine = fixture('m', {
  A: task('F', 'B', { Retry: retry('BusyError') }),
  B: task('F', 'C', { Catch: [{ ErrorEquals: ['GoneError', 'States.Timeout'], ResultPath: '$', Next: 'Broken' }] }),
  C: done,
  Broken: broken,
});

test('sees an error that the function never reports, be it retried or caught', () => {
  expect(errorFindings([machine], new Map([['F', new Set(['BusyError'])]]))).toEqual([
    'm.B: waits for GoneError, which F never reports',
  ]);
  expect(errorFindings([machine], new Map([['G', new Set(['BusyError', 'GoneError'])]]))).toHaveLength(2);
});

test("sees a function's error at a Task that starts a machine, which reports States.TaskFailed only", () => {
  const parent = fixture('p', { A: nested('Child', 'B', { Retry: retry('BusyError') }), B: done, Broken: broken });
  expect(errorFindings([parent], new Map()).join()).toContain('p.A: waits for BusyError, which Child never reports');
});

test('finds the names that survive minifying, and not those that are taken from a class', async () => {
  const source = `
    class One extends Error { name = 'OneError' }
    class TwoError extends Error { constructor() { super(); this.name = new.target.name } }
    class ThreeError extends Error { name = ThreeError.name }
    export const thrown = [One, TwoError, ThreeError, 'FourError'];`;
  const { code } = await transform(source, { minify: true });
  expect(literalNames(code)).toEqual(new Set(['OneError']));
});
