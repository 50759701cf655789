import { expect, test } from '@jest/globals';
import type { Difference } from '../../../lib/schema/difference.ts';
import { type Evidence, judge, lastName } from '../../../lib/schema/judge.ts';

const index = (expected: string | null, actual: string | null): Difference => ({
  what: expected === null ? 'unexpected' : actual === null ? 'missing' : 'different',
  ...{
    kind: 'index',
    name: 'public.carts.i',
    of: { kind: 'table', name: 'public.carts' },
    parts: 0,
    shownBy: 'select 1',
  },
  expected: expected === null ? null : [expected],
  actual: actual === null ? null : [actual],
});
const table = (expected: string | null, actual: string | null): Difference => ({
  ...index(expected, actual),
  ...{ kind: 'table', name: 'public.carts', of: null },
});
const written = (certain: boolean) => [{ kind: 'index' as const, name: 'public.carts.i', certain }];
const whose = (found: Difference, evidence: Partial<Evidence> = {}) =>
  judge({
    ...{
      differences: [found],
      drift: [],
      meant: [],
      dropped: new Set<string>(),
      touched: new Set<string>(),
      written: [],
    },
    ...evidence,
  })[0]?.whose;

test.each<[string, Difference, Partial<Evidence>, string]>([
  ['nobody of ours wrote, or was to write', index(null, 'b'), {}, 'others'],
  ['our transaction wrote last', index(null, 'b'), { written: written(true) }, 'ours'],
  [
    'may be of a subtransaction, and our file makes',
    index('c', 'b'),
    { written: written(false), meant: [index(null, 'c')] },
    'ours',
  ],
  [
    'was written while a statement of ours was under way, and no file of ours makes',
    index(null, 'b'),
    { written: written(false) },
    'unknown',
  ],
  [
    'was written while a statement of ours was under way, and our file names',
    index(null, 'b'),
    { written: written(false), touched: new Set(['i']) },
    'ours',
  ],
  [
    'was written while a statement of ours was under way, on a table that our file names',
    index(null, 'b'),
    { written: written(false), touched: new Set(['carts']) },
    'unknown',
  ],
  ['our file names, and others wrote', index(null, 'b'), { touched: new Set(['i']) }, 'others'],
  ['our file makes, and is not there', index('c', null), { meant: [index(null, 'c')] }, 'ours'],
  ['our file makes with its table, and is not there', index('c', null), { meant: [table(null, 't')] }, 'ours'],
  ['is not there, and our file only changes its table', index('c', null), { meant: [table('t', 'u')] }, 'others'],
  ['our file drops and makes again, and is not there', index('c', null), { dropped: new Set(['i']) }, 'ours'],
  ['our file was to change, and is as before', index('c', 'b'), { meant: [index('b', 'c')] }, 'ours'],
  ['our file was to drop, and is as before', index(null, 'b'), { meant: [index('b', null)] }, 'ours'],
  ['our file changed, and somebody else after it', index('c', 'z'), { meant: [index('b', 'c')] }, 'others'],
  ['was so before', index('a', 'b'), { drift: [index('a', 'b')] }, 'before'],
  ['was missing before', index('a', null), { drift: [index('a', null)] }, 'before'],
  [
    'was so before, and our file was to make right',
    index('c', 'b'),
    { drift: [index('a', 'b')], meant: [index('a', 'c')] },
    'ours',
  ],
  ['was otherwise before, and is again otherwise', index('a', 'z'), { drift: [index('a', 'b')] }, 'others'],
])('what %s', (_what, found, evidence, expected) => {
  expect(whose(found, evidence)).toBe(expected);
});

test.each([
  ['public.carts', 'carts'],
  ['public."od.d"', 'od.d'],
  ['"a ""b"""."c ""d"""', 'c "d"'],
  ['public.total(integer, "x.y")', 'total'],
  ['"S"."F"(integer)', 'F'],
])('%s ends in %s', (name, last) => {
  expect(lastName(name)).toBe(last);
});
