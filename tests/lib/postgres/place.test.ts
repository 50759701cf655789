import { expect, test } from '@jest/globals';
import { placeAt, unitsOfBytes, unitsOfCharacters } from '../../../lib/postgres/place.ts';

test.each([
  ['the beginning', 'abc', 'a', 1, 1, 'abc\n^'],
  ['the end', 'abc\nde', 'e', 2, 2, 'de\n ^'],
  ['a line after CRLF', 'a\r\nbc\r\nd', 'c', 2, 2, 'bc\n ^'],
  ['a line after CR', 'a\rbc\rd', 'c', 2, 2, 'bc\n ^'],
  ['a place after tabs', 'x\n\t\tab', 'b', 2, 4, '\t\tab\n\t\t ^'],
  ['a place after wide characters', `'é😀漢' b`, 'b', 1, 7, `'é😀漢' b\n      ^`],
  ['a byte order mark', '\uFEFFab', 'b', 1, 2, 'ab\n ^'],
])('%s is shown with line, column and caret', (_, text, at, line, column, caret) => {
  expect(placeAt('f', text, text.lastIndexOf(at))).toEqual({ file: 'f', line, column, caret });
});

test('an offset outside of the text is a place at its edge', () => {
  expect(placeAt('f', 'ab\n', 99)).toMatchObject({ line: 2, column: 1 });
  expect(placeAt('f', 'ab', -1)).toMatchObject({ line: 1, column: 1 });
  expect(placeAt('f', '', 0)).toMatchObject({ line: 1, column: 1, caret: '\n^' });
});

test('of a long line only what is around the place is shown, and the caret stays below it', () => {
  const { column, caret } = placeAt('f', `${'a'.repeat(500)}X${'b'.repeat(500)}`, 500);
  const [line = '', below = ''] = caret?.split('\n') ?? [];
  expect(column).toBe(501);
  expect(line.length).toBeLessThan(130);
  expect(line[below.indexOf('^')]).toBe('X');
});

test('a password is not shown, and the caret does not move', () => {
  const text = `create role a password 'it''s hushed' nothing`;
  const { caret } = placeAt('f', text, text.indexOf('nothing'));
  expect(caret).toBe(`create role a password '************' nothing\n${' '.repeat(text.indexOf('nothing'))}^`);
});

test.each([
  ['on the line before', `alter role a password\n  'hushed' nothing`],
  ['left of what is shown', `alter role a password '${'hushed'.repeat(20)}' nothing`],
  ['with an emoji', `alter role a password '😀hushed' nothing`],
  ['between dollars', 'alter role a password $x$hu$shed$x$ nothing'],
  ['that does not end', `nothing; alter role a password 'hushed`],
])('a password %s is not shown', (_, text) => {
  const { caret } = placeAt('f', text, text.indexOf('nothing'));
  const [line = '', below = ''] = caret?.split('\n') ?? [];
  expect(line).not.toMatch(/hu|shed/);
  expect(line.slice(below.indexOf('^'))).toMatch(/^nothing/);
});

test('characters and bytes are counted as the server does', () => {
  const text = 'é😀漢x';
  expect(text.slice(unitsOfCharacters(text, 3))).toBe('x');
  expect(text.slice(unitsOfBytes(text, 2 + 4 + 3))).toBe('x');
  expect([unitsOfCharacters('ab', 9), unitsOfBytes('ab', 9)]).toEqual([2, 2]);
});
