import { describe, expect, test } from '@jest/globals';
import { compare } from '../../../lib/schema/compare.ts';
import type { Difference } from '../../../lib/schema/difference.ts';
import { IgnoreRulesError, parseIgnoreRules } from '../../../lib/schema/ignore.ts';
import { parseDocument, SchemaDocumentError } from '../../../lib/schema/parse-document.ts';
import { renderComparison } from '../../../lib/schema/render.ts';

const documentOf = (text: string) => parseDocument(`# carthub-db schema, format 1\n\n${text}`, 'test');

const EXPECTED = documentOf(`
function public.total(integer)
  CREATE FUNCTION public.total(integer)
  |AS $$select 1$$
  owner <migrator>

table public.carts
  owner <migrator>
  comment Carts
  column id integer not null
  column note text
  constraint carts_pkey PRIMARY KEY (id)
  constraint carts_note CHECK ((note <> ''::text))
  index idx_note USING btree (note)

table public.gone
  owner <migrator>
  column id integer
`);

const ACTUAL = documentOf(`
function public.total(integer)
  CREATE FUNCTION public.total(integer)
  |AS $$select 2$$
  owner <migrator>

table public.carts
  owner <migrator>
  comment Carts!
  column id bigint not null
  column extra text
  constraint carts_pkey PRIMARY KEY (id)
  constraint carts_note CHECK ((note <> ''::text))
    not valid
  index idx_note USING btree (note)
    not valid

view public.new
  as
  | SELECT 1;
  column one integer
  column two integer
`);

const short = ({ what, kind, name, parts }: Difference) => `${what} ${kind} ${name}${parts ? ` with ${parts}` : ''}`;

test('each difference is told once, as what it is, by the object that it is of', () => {
  const { equal, differences } = compare(EXPECTED, ACTUAL);
  expect(equal).toBe(false);
  expect(differences.map(short)).toEqual([
    'different function public.total(integer)',
    'different table public.carts',
    'different column public.carts.id',
    'missing column public.carts.note',
    'invalid constraint public.carts.carts_note',
    'invalid index public.carts.idx_note',
    'unexpected column public.carts.extra',
    'missing table public.gone with 1',
    'unexpected view public.new with 2',
  ]);
});

test('a comparison with itself finds nothing', () => {
  expect(compare(EXPECTED, EXPECTED)).toEqual({ equal: true, differences: [], ignored: [], unusedRules: [] });
});

test('what is not valid on both sides is as it should be; what became valid is different', () => {
  expect(compare(ACTUAL, ACTUAL).equal).toBe(true);
  expect(compare(ACTUAL, EXPECTED).differences.map(short)).toContain('different index public.carts.idx_note');
});

test('both forms are kept as the server said them, and compared in the form that a dump and restore keeps', () => {
  const one = documentOf(`table t\n  constraint c CHECK (((a >= 1) AND (a <= 2)) AND b)`);
  const same = documentOf(`table t\n  constraint c CHECK ((a >= 1) AND (a <= 2) AND b)`);
  const other = documentOf(`table t\n  constraint c CHECK ((a >= 1) AND (a <= 3) AND b)`);
  expect(compare(one, same).equal).toBe(true);
  expect(compare(one, other).differences).toMatchObject([
    { expected: ['CHECK (((a >= 1) AND (a <= 2)) AND b)'], actual: ['CHECK ((a >= 1) AND (a <= 3) AND b)'] },
  ]);
});

test('the order of columns counts only when asked, and only among columns that both have', () => {
  const one = documentOf('table t\n  column a text\n  column b text\n  column c text');
  const other = documentOf('table t\n  column c text\n  column x text\n  column a text\n  column b text');
  expect(compare(one, other).differences.map(short)).toEqual(['unexpected column t.x']);
  expect(compare(one, other, { columnOrder: 'compared' }).differences).toMatchObject([
    {
      what: 'different',
      kind: 'table',
      expected: ['columns in the order a, b, c'],
      actual: ['columns in the order c, a, b'],
    },
    { what: 'unexpected', name: 't.x' },
  ]);
});

test('the report is a tree that a person can act on', () => {
  const rules = parseIgnoreRules(
    `[
    { "kind": "view", "name": "public.*", "reason": "Reports come and go" },
    { "kind": "table", "name": "public.never", "reason": "It is gone by now" }]`,
    'rules',
  );
  const report = renderComparison(compare(EXPECTED, ACTUAL, { ignore: rules }));
  expect(report).toContain(`
    index idx_note: invalid (not built to its end)
      + not valid
      look: select pg_get_indexdef(i.indexrelid), indisvalid, indisready from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = to_regclass('public.carts') and quote_ident(c.relname) = 'idx_note';
`);
  expect(
    report.replaceAll(/\n *look: .*/g, ''),
  ).toBe(`The schema is not as it should be: 3 different, 2 missing, 2 invalid, 1 unexpected.

schema public
  function total(integer): different
    - CREATE FUNCTION public.total(integer)
      AS $$select 1$$
    + CREATE FUNCTION public.total(integer)
      AS $$select 2$$
  table carts: different
    - comment Carts
    + comment Carts!
    column id: different
      - integer not null
      + bigint not null
    column note: missing
      - text
    constraint carts_note: invalid (not validated)
      + not valid
    index idx_note: invalid (not built to its end)
      + not valid
    column extra: unexpected
      + text
  table gone: missing, with 1 part
    - owner <migrator>

Ignored:
  view public.new: unexpected (Reports come and go)

Ignore rules that concern nothing, and can go:
  table public.never (It is gone by now)
`);
});

test('what lies in no schema stands first, and names in quotes are taken apart as the server would', () => {
  const one = documentOf('extension citext\n  version 1\n\ntable "a.b"."c d"\n  owner x\n  column "e.f" text');
  const other = documentOf('extension citext\n  version 2\n\ntable "a.b"."c d"\n  owner x\n  column "e.f" integer');
  expect(
    renderComparison(compare(one, other)).replaceAll(/\n *look: .*/g, ''),
  ).toBe(`The schema is not as it should be: 2 different.

database
  extension citext: different
    - version 1
    + version 2

schema "a.b"
  table "c d"
    column "e.f": different
      - text
      + integer
`);
});

test('an empty report says so', () => {
  expect(renderComparison(compare(EXPECTED, EXPECTED))).toBe('The schema is as it should be.\n');
});

describe('ignore rules', () => {
  const rule = (more: object) => [{ kind: '*', name: '*', reason: 'Because of the test', ...more }];
  const ignoring = (rules: object[]) =>
    compare(EXPECTED, ACTUAL, { ignore: parseIgnoreRules(JSON.stringify(rules), 'rules') });

  test('a rule takes what it names out of the report, and keeps it in sight with its reason', () => {
    const { differences, ignored, unusedRules } = ignoring(rule({ name: 'public.carts*' }));
    expect(differences.map(short)).toEqual([
      'different function public.total(integer)',
      'missing table public.gone with 1',
      'unexpected view public.new with 2',
    ]);
    expect(ignored.map(({ difference }) => difference.name)).toContain('public.carts.idx_note');
    expect(ignored[0]?.reason).toBe('Because of the test');
    expect(unusedRules).toEqual([]);
  });

  test('a rule is about one kind of object and one kind of difference, when it says so', () => {
    expect(
      ignoring(rule({ kind: 'column', what: ['missing', 'unexpected'] })).ignored.map(({ difference }) =>
        short(difference),
      ),
    ).toEqual(['missing column public.carts.note', 'unexpected column public.carts.extra']);
    expect(ignoring(rule({ kind: 'index', what: ['missing'] }))).toMatchObject({
      ignored: [],
      unusedRules: [{ kind: 'index' }],
    });
  });

  test('a rule about lines ignores an object only when nothing but those lines differs', () => {
    expect(
      ignoring(rule({ kind: 'table', line: 'comment *' })).ignored.map(({ difference }) => short(difference)),
    ).toEqual(['different table public.carts']);
    expect(ignoring(rule({ kind: 'table', line: 'owner *' })).ignored).toEqual([]);
    const both = [...rule({ kind: 'column', line: 'integer *' }), ...rule({ kind: 'column', line: 'bigint *' })];
    expect(ignoring(both).ignored.map(({ difference }) => short(difference))).toEqual([
      'different column public.carts.id',
    ]);
    expect(ignoring(both).unusedRules).toEqual([]);
  });

  test('a name is taken as it is, but for the star', () => {
    expect(ignoring(rule({ name: 'public.total(integer)' })).ignored).toHaveLength(1);
    expect(ignoring(rule({ name: 'public_total(integer)' })).ignored).toHaveLength(0);
    expect(ignoring(rule({ name: 'public.total' })).ignored).toHaveLength(0);
  });

  test.each([
    ['no JSON', '{'],
    ['no list', '{}'],
    ['no reason', '[{ "kind": "table", "name": "a" }]'],
    ['a reason that says nothing', '[{ "kind": "table", "name": "a", "reason": "why not" }]'],
    ['an unknown kind', '[{ "kind": "tables", "name": "a", "reason": "Long enough a reason" }]'],
    ['an unknown difference', '[{ "kind": "table", "name": "a", "what": ["gone"], "reason": "Long enough a reason" }]'],
    ['a misspelt field', '[{ "kind": "table", "name": "a", "lines": "x", "reason": "Long enough a reason" }]'],
  ])('a file with %s is refused, and says where', (_, content) => {
    expect(() => parseIgnoreRules(content, 'migrations/ignore.json')).toThrow(IgnoreRulesError);
    expect(() => parseIgnoreRules(content, 'migrations/ignore.json')).toThrow(
      /^migrations\/ignore.json holds no ignore rules: /,
    );
  });
});

test.each([
  ['another file', 'create table t ();', 1],
  ['another format', '# carthub-db schema, format 2', 1],
  ['an unknown kind', '# carthub-db schema, format 1\n\ntabel t', 3],
  ['an object without a name', '# carthub-db schema, format 1\n\ntable ', 3],
  ['a line in front of everything', '# carthub-db schema, format 1\n  owner x', 2],
  ['a line of a part that is not there', '# carthub-db schema, format 1\ntable t\n    comment x', 3],
  ['a line of the object below its parts', '# carthub-db schema, format 1\ntable t\n  column a text\n  owner x', 4],
  ['a line that goes on with nothing', '# carthub-db schema, format 1\n  |x', 2],
  ['odd blanks', '# carthub-db schema, format 1\ntable t\n   owner x', 3],
  ['a broken escape', '# carthub-db schema, format 1\ntable t\n  \\"owner', 3],
])('a document that is %s is refused with its line', (_, text, line) => {
  expect(() => parseDocument(text, 'schema.txt')).toThrow(SchemaDocumentError);
  expect(() => parseDocument(text, 'schema.txt')).toThrow(
    new RegExp(`^schema.txt is no schema document: line ${line}: `),
  );
});
