import { expect, test } from '@jest/globals';
import { parse } from '../../../lib/migrations/parse.ts';
import { split } from '../../../lib/migrations/split.ts';

const pieces = (sql: string) => [...split(sql)].map(({ text }) => text);

test.each([
  ['semicolons', 'a;b;c', ['a;', 'b;', 'c']],
  ['nothing', '', []],
  ['strings', `'a;' 'it''s;';b`, [`'a;' 'it''s;';`, 'b']],
  ['a backslash in a standard string', `'a\\';b;'c'`, [`'a\\';`, 'b;', `'c'`]],
  ['a backslash in an escape string', `E'a\\';b';c`, [`E'a\\';b';`, 'c']],
  ['an escape string that goes on over lines', `E'a'\n  -- x\n 'b\\';';c`, [`E'a'\n  -- x\n 'b\\';';`, 'c']],
  ['a name that ends in e before a string', `type'a\\';b`, [`type'a\\';`, 'b']],
  ['quoted names', `"a;""b;";c`, [`"a;""b;";`, 'c']],
  ['dollar quotes', '$$a;$$;$x$b;$$;$y$;$x$;c', ['$$a;$$;', '$x$b;$$;$y$;$x$;', 'c']],
  ['a dollar in a name', 'a$b$;c$d$;e', ['a$b$;', 'c$d$;', 'e']],
  ['parameters', '$1;$2', ['$1;', '$2']],
  ['line comments', '-- a;\nb;--c;', ['-- a;\nb;', '--c;']],
  ['line comments that end in CR', '-- a;\rb;c', ['-- a;\rb;', 'c']],
  ['nested comments', '/* a; /* b; */ c; */ d;e', ['/* a; /* b; */ c; */ d;', 'e']],
  ['parentheses', '(a;b);c', ['(a;b);', 'c']],
  ['a quote that does not end', `a;'b;c`, ['a;', `'b;c`]],
  ['a comment that does not end', 'a;/* b;c', ['a;', '/* b;c']],
  ['operators that look like comments', 'a - b; a-- c;\n/d;e', ['a - b;', ' a-- c;\n/d;', 'e']],
])('it cuts at semicolons, and not inside %s', (_, sql, expected) => {
  expect(pieces(sql)).toEqual(expected);
});

test('the pieces are the whole text, and know where they start', () => {
  const sql = 'select 1;\n\n-- é;\nselect "ü;";;\n$$x;$$';
  const all = [...split(sql)];
  expect(all.map(({ text }) => text).join('')).toBe(sql);
  for (const { text, start } of all) expect(sql.slice(start, start + text.length)).toBe(text);
});

/** What may stand at any place of a statement without changing what it is. */
const INSIDES = [
  `'a;'`,
  `'it''s;'`,
  `E'\\';'`,
  '$$;$$',
  '$a$;$$;$a$',
  '"c;"',
  '(select 1)',
  `U&'\\0041;'`,
  `B'0'`,
  'f(1, 2)',
  '1',
  `'é;'`,
];
const BETWEEN = [' ', '\n', '\t', ' /* ; */ ', ' -- ;\n', ' /* /* ; */ ; */ ', '\r\n'];

test('texts made at random are cut as the grammar cuts them', async () => {
  let seed = 42;
  const pick = <T>(from: readonly T[]): T => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const [first] = from.slice(seed % from.length);
    if (first === undefined) throw new Error('Nothing to pick from.');
    return first;
  };
  for (let round = 0; round < 300; round += 1) {
    const made = Array.from({ length: 1 + (round % 7) }, () => {
      const values = Array.from({ length: 1 + (seed % 4) }, () => `${pick(BETWEEN)}${pick(INSIDES)}${pick(BETWEEN)}`);
      return `select${pick(BETWEEN)}${values.join(',')}`;
    });
    const sql = made.map((one) => `${pick(BETWEEN)}${one}`).join(';');
    const found: string[] = [];
    for await (const part of parse(sql)) {
      if ('unreadable' in part) throw new Error(`${part.unreadable.message} in: ${sql}`);
      found.push(part.statement.sql);
    }
    expect(found.map((one) => one.trim())).toEqual(made.map((one) => one.trim()));
  }
});
