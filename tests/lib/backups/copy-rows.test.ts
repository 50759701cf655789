import { expect, test } from '@jest/globals';
import { countCopyRows } from '../../../lib/backups/copy-rows.ts';
import { anySeed, randomFrom } from '../../support/random.ts';

const END = '--\n-- PostgreSQL database dump complete\n--\n\n';

/** Fed in pieces of these sizes, over and over. */
function count(script: string, ...sizes: number[]) {
  const counter = countCopyRows();
  const bytes = Buffer.from(script);
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = sizes[n % sizes.length] ?? bytes.length;
    counter.write(bytes.subarray(at, at + size));
    at += size;
  }
  const { rows, largeObjects, whole } = counter.end();
  return { rows: Object.fromEntries(rows), largeObjects, whole };
}

const ROWS = 'COPY public.t (a, b) FROM stdin;\n1\t\\\\.\n\\\\.\tx\n\n\\.\n\n';

test.each([
  ['a table', ROWS, { '"public"."t"': 3 }],
  ['an empty table', 'COPY public.t (a) FROM stdin;\n\\.\n', { '"public"."t"': 0 }],
  ['a table without columns', 'COPY public.t  FROM stdin;\n\n\n\\.\n', { '"public"."t"': 2 }],
  ['one table in two pieces', ROWS + ROWS, { '"public"."t"': 6 }],
  [
    'quoted names',
    'COPY "a.""b"."c\nd; --" ("x y", "FROM stdin;\n") FROM stdin;\n1\n\\.\n',
    { '"a.""b"."c\nd; --"': 1 },
  ],
  ['letters of other scripts', 'COPY öffentlich.größe (ä) FROM stdin;\n1\n\\.\n', { '"öffentlich"."größe"': 1 }],
  ['a string that holds one', `SELECT '${ROWS}';\n`, {}],
  ['a string with doubled quotes', `SELECT 'it''s; ${ROWS}';\n`, {}],
  ['a string that ends in a backslash', `SELECT '\\';\n${ROWS}`, { '"public"."t"': 3 }],
  ['a string with escapes', `SELECT E'\\'; \\\\'';\n${ROWS}';\n`, {}],
  ['a name that ends in e before a string', `SELECT typee'\\';\n${ROWS}`, { '"public"."t"': 3 }],
  ['a function body', `CREATE FUNCTION f() AS $_$ $$\n${ROWS}$$ $x$ $_$;\n`, {}],
  ['dollars that are none', `SELECT a$1$, $1, b$$;\n${ROWS}`, { '"public"."t"': 3 }],
  ['a line comment', `-- it's ${ROWS.split('\n')[0]}\n${ROWS}`, { '"public"."t"': 3 }],
  ['a block comment within another', `/* ' /*/ " */ ${ROWS} */\n${ROWS}`, { '"public"."t"': 3 }],
  ['a quoted name', `ALTER TABLE "x;\n${ROWS}" OWNER TO y;\n`, {}],
  ['a command of psql', `\\restrict it's;\n${ROWS}\\unrestrict it's\n`, { '"public"."t"': 3 }],
  ['a COPY from elsewhere', "COPY public.t FROM '/tmp/x';\nCOPY public.t TO stdout;\n", {}],
])('counts what the server would take for rows: %s', (_, script, rows) => {
  for (const sizes of [[1 << 20], [1], [2, 3], [7]]) {
    expect(count(script + END, ...sizes)).toEqual({ rows, largeObjects: 0, whole: true });
  }
});

test('counts large objects, and reads over their contents', () => {
  const object = `SELECT pg_catalog.lo_open('16401', 131072);\nSELECT pg_catalog.lowrite(0, '\\x${'00'.repeat(5_000)}');\nSELECT pg_catalog.lo_close(0);\n`;
  for (const size of [1, 4096, 1 << 20]) {
    expect(count(object + object + ROWS + END, size)).toEqual({
      rows: { '"public"."t"': 3 },
      largeObjects: 2,
      whole: true,
    });
  }
});

test('a script that was cut anywhere is not whole, or lacks rows', () => {
  const script = `SET a = 'x';\n${ROWS}SELECT $$;$$;\n${END}`;
  const whole = count(script);
  for (let length = 0; length < script.length - 6; length += 1) {
    expect(count(script.slice(0, length))).not.toEqual(whole);
  }
});

test('pieces of any size count the same', () => {
  const seed = anySeed();
  const random = randomFrom(seed);
  const parts = [
    ROWS,
    `SELECT E'\\'${ROWS}';\n`,
    `DO $a$ ${ROWS} $a$;\n`,
    `/* ${ROWS} */`,
    'COPY "q""t"."x" FROM stdin;\n\\.\n',
  ];
  for (let round = 0; round < 200; round += 1) {
    const script = Array.from({ length: 8 }, () => random.pick(parts)).join('') + END;
    const sizes = Array.from({ length: 5 }, () => 1 + random.below(60));
    expect({ seed, ...count(script, ...sizes) }).toEqual({ seed, ...count(script) });
  }
});
