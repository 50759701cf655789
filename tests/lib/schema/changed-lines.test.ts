import { expect, test } from '@jest/globals';
import { changedLines } from '../../../lib/schema/changed-lines.ts';

const mood = (...values: string[]) => ['enum', ...values.map((value) => `value '${value}'`), 'owner <migrator>'];

test.each<[string, string[] | null, string[] | null, string[], string[]]>([
  ['a new value says after which it comes', mood('a', 'c'), mood('a', 'b', 'c'), [], ["value 'b', after 'a'"]],
  ['so does one that comes first', mood('a'), mood('b', 'a'), [], ["value 'b', first"]],
  ['another order is told', mood('a', 'b', 'c'), mood('b', 'c', 'a'), ["value 'a', first"], ["value 'a', after 'c'"]],
  ['what both have is left out', ['x', 'y'], ['x', 'z'], ['y'], ['z']],
  ['what is not there is shown whole', null, ['x', 'y'], [], ['x', 'y']],
])('%s', (_what, expected, actual, missing, extra) => {
  expect(changedLines(expected, actual)).toEqual({ expected: missing, actual: extra });
});
