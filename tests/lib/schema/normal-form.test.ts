import { expect, test } from '@jest/globals';
import { normalForm } from '../../../lib/schema/normal-form.ts';

test.each([
  [
    'a list of varchar values',
    `CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))`,
    `CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s'::character varying)::text])))`,
  ],
  [
    'a list of networks, with a column among them',
    `((s)::inet = ANY ((ARRAY['10.0.0.0/8'::cidr, other])::inet[]))`,
    `((s)::inet = ANY (ARRAY[('10.0.0.0/8'::cidr)::inet, (other)::inet]))`,
  ],
  ['a list with a longer type', `((ARRAY[1, 2])::numeric(10,2)[])`, `(ARRAY[(1)::numeric(10,2), (2)::numeric(10,2)])`],
  ['casts of casts', `(((ARRAY[a])::public.b[])::text[])`, `(ARRAY[((a)::public.b)::text])`],
  ['BETWEEN in front of AND', `(((x >= 1) AND (x <= 2)) AND (y > 0))`, `((x >= 1) AND (x <= 2) AND (y > 0))`],
  ['NOT BETWEEN in front of OR', `(((x < 1) OR (x > 2)) OR y)`, `((x < 1) OR (x > 2) OR y)`],
  ['conditions in conditions', `((((a) AND (b)) AND (c)) OR ((d) OR (e)))`, `(((a) AND (b) AND (c)) OR (d) OR (e))`],
  ['blanks and line breaks', ` SELECT a,\n    b\n   FROM t;`, `SELECT a, b FROM t ;`],
])('%s is the same in both forms that the server prints', (_, first, second) => {
  expect(normalForm(first)).toBe(normalForm(second));
});

test.each([
  ['the values of a list', `(ARRAY['a'::varchar])::text[]`, `(ARRAY['b'::varchar])::text[]`],
  ['the order of a list', `(ARRAY['a'::varchar, 'b'::varchar])::text[]`, `(ARRAY['b'::varchar, 'a'::varchar])::text[]`],
  ['the type of a list', `(ARRAY['a'::varchar])::text[]`, `(ARRAY['a'::varchar])::name[]`],
  ['whether a list is cast', `(ARRAY['a'::varchar])::text[]`, `(ARRAY['a'::varchar])`],
  ['AND and OR', `((a) AND (b))`, `((a) OR (b))`],
  ['AND around OR', `(((a) OR (b)) AND (c))`, `((a) OR ((b) AND (c)))`],
  ['the order of conditions', `((a) AND (b))`, `((b) AND (a))`],
  ['the grouping of arithmetic', `((a - b) - c)`, `(a - (b - c))`],
  ['a string with brackets', `'(ARRAY[1])::text[]'::text`, `'ARRAY[(1)::text]'::text`],
  ['blanks in a string', `'a  b'`, `'a b'`],
  ['blanks in a name', `"a  b"`, `"a b"`],
  ['blanks in a body', '$function$ a  b $function$', '$function$ a b $function$'],
  ['a body inside a tag', '$f$ $g$ a $g$ $f$', '$f$ $g$  a $g$ $f$'],
  ['blanks in a comment', 'comment It does.  So it is.', 'comment It does. So it is.'],
  ['two words and one', 'a b', 'ab'],
  ['two operators and one', '(a > (- b))', '(a >- b)'],
  ['a backslash before a quote', String.raw`'a\' || 'b '`, String.raw`'a\' || 'b  '`],
  ['an escape string', String.raw`E'a\' b'`, String.raw`E'a\'  b'`],
  [
    'a window frame',
    '(ROWS BETWEEN 1 PRECEDING AND (a AND b) FOLLOWING)',
    '(ROWS BETWEEN 1 PRECEDING AND a AND b FOLLOWING)',
  ],
])('%s makes a difference', (_, first, second) => {
  expect(normalForm(first)).not.toBe(normalForm(second));
});

test('what it cannot read stays as it is', () => {
  expect(normalForm('options (unclosed  [')).toBe('options (unclosed  [');
});
