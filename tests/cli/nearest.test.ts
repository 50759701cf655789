import { expect, test } from '@jest/globals';
import { nearest } from '../../cli/nearest.ts';

test.each([
  ['--loca', '--local'],
  ['--lcoal', '--local'],
  ['--Local', '--local'],
  ['--migration', '--migrations'],
  ['--zzz', null],
])('%s is taken for %s', (word, meant) => {
  expect(nearest(word, ['--local', '--migrations', '--data', '--json'])).toBe(meant);
});
