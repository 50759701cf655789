import { expect, test } from '@jest/globals';
import { FencedError } from '../../lib/journal/fence.ts';
import { verdict } from '../../lib/runs/verdict.ts';
import { noProgress } from '../../runner/migrate.ts';
import { compact, judge } from '../../runner/verdict.ts';

const size = (text: string) => Buffer.byteLength(text);

test('a small verdict is told whole', () => {
  const small = judge('r', { ...noProgress(), after: 1, files: [{ version: 1, file: 'a', durationMs: 1 }] }, null);
  expect(JSON.parse(compact(small))).toEqual(small);
});

test('what is fenced is told apart from what failed', () => {
  expect(judge('r', noProgress(), new FencedError('x', { remedy: 'y' })).result).toBe('fenced');
  expect(judge('r', noProgress(), new Error('x')).result).toBe('failed');
  expect(judge('r', noProgress(), 'thrown text').result).toBe('failed');
});

test.each([
  ['many files', 5_000, 10, 10],
  ['a long message', 0, 20_000, 10],
  ['a long message of characters that JSON escapes', 0, 20_000, 10, '\u0001'],
  ['a long remedy and caret', 3, 10, 20_000, '漢'],
  ['everything at once', 5_000, 20_000, 20_000, '"\\😀'],
])(
  'a verdict with %s is still JSON of at most 4,096 bytes, with name, place and the last files',
  (_, files, message, remedy, filling = 'x') => {
    const long = judge(
      'r',
      {
        ...noProgress(),
        files: Array.from({ length: files }, (__, at) => ({ version: at, file: `${at}.sql`, durationMs: 1 })),
      },
      null,
    );
    const place = { file: 'f.sql', line: 3, column: 4, caret: filling.repeat(remedy) };
    const told = compact({
      ...{ ...long, result: 'failed' },
      error: { name: 'SqlError', message: filling.repeat(message), remedy: filling.repeat(remedy), place },
    });
    expect(size(told)).toBeLessThanOrEqual(4096);
    expect(verdict.parse(JSON.parse(told))).toMatchObject({
      error: { name: 'SqlError', place: { file: 'f.sql', line: 3 } },
    });
    if (message < 1_000 && remedy < 1_000) expect(JSON.parse(told).files.at(-1)).toMatchObject({ version: files - 1 });
  },
);
