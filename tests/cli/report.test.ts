import { expect, test } from '@jest/globals';
import { report } from '../../cli/execution/report.ts';
import { newRun } from '../../cli/execution/run-to-end.ts';
import { testContext } from './context.ts';
import { outcome } from './record.ts';

test.each<[string, number | null, RegExp]>([
  ['a fraction of', 0.02, /waited 0\.02 of the time that AWS would/],
  ['in real time', 1, /waited in real time/],
  ['on AWS, where it goes without saying', null, /^(?!.*waited)/s],
])('a run whose waits took %s says so to whoever reads its durations', async (_what, timeScale, said) => {
  const { context, err } = testContext();
  const known = { ...newRun('carthub'), timeScale };
  await report({ known, json: false, hints: { flags: '', again: '' }, context }, async () => outcome());
  expect(err.join('\n')).toMatch(said);
});
