import { expect, test } from '@jest/globals';
import type { JournalRow } from '../../../lib/journal/journal.ts';
import { alteredByUs, authorOf } from '../../../lib/lost-writes/author.ts';
import { conflictSql } from '../../../lib/lost-writes/conflict-sql.ts';
import { type Finding, mergeFindings } from '../../../lib/lost-writes/finding.ts';
import { type ForeignKey, parentsFirst } from '../../../lib/lost-writes/foreign-keys.ts';
import { describeOwnWork, touchOf } from '../../../lib/lost-writes/own-work.ts';
import type { SideEffects } from '../../../lib/lost-writes/side-effects.ts';
import { readFacts } from '../../../lib/lost-writes/statement-facts.ts';
import type { SurveyedTable } from '../../../lib/lost-writes/table.ts';
import { countOthers } from '../../../lib/lost-writes/write-counts.ts';

const carts = { schema: null, name: 'carts' };

test.each([
  [
    'update carts set a = 1, (b, c) = (select 1, f(2)) where id = 1',
    [{ does: 'update', to: carts, columns: ['a', 'b', 'c'] }],
  ],
  ['insert into carts values (1)', [{ does: 'insert', to: carts }]],
  [
    'insert into s.carts values (1) on conflict (a) do update set z = 3',
    [
      { does: 'insert', to: { schema: 's', name: 'carts' } },
      { does: 'update', to: { schema: 's', name: 'carts' }, columns: ['z'] },
    ],
  ],
  ['with d as (delete from carts returning *) select * from d', [{ does: 'delete', to: carts }]],
  ['truncate carts', [{ does: 'replace', to: carts }]],
  ['drop table if exists carts', [{ does: 'replace', to: carts }]],
  ['alter table carts add column x integer', [{ does: 'replace', to: carts }]],
  ['create table carts (id integer)', [{ does: 'make', to: carts }]],
  ['create index concurrently on carts (a)', []],
  ['drop table carts cascade', [{ does: 'anything', why: 'CASCADE' }]],
  ['do $$ begin end $$', []],
  [
    'do $$ begin for i in 1..3 loop update carts set a = i; commit; end loop; end $$',
    [{ does: 'update', to: carts, columns: ['a'] }],
  ],
  [
    'do $$ declare r record; begin with d as (delete from carts returning *) select * into r from d; end $$',
    [{ does: 'delete', to: carts }],
  ],
  [`do $$ begin execute 'delete from carts'; end $$`, [{ does: 'anything', why: 'EXECUTE' }]],
  [`do $$ declare r record; begin for r in execute 'x' loop end loop; end $$`, [{ does: 'anything', why: 'EXECUTE' }]],
  [
    `do $$ begin return query execute 'x'; end $$`,
    [{ does: 'anything', why: expect.stringContaining('could not be read') }],
  ],
  ['do $$ begin set search_path = x; end $$', [{ does: 'anything', why: 'SET search_path' }]],
  ['do $$ no plpgsql $$', [{ does: 'anything', why: expect.stringContaining('could not be read') }]],
  [`do language plperl 'x'`, [{ does: 'anything', why: 'a DO block in plperl' }]],
  ['call p()', []],
  ['select 1 as a into carts', [{ does: 'make', to: carts }]],
  ['create table carts as select 1', [{ does: 'make', to: carts }]],
  [
    'create trigger x before insert on carts for each row execute function f()',
    [{ does: 'trigger', to: carts, trigger: 'x' }],
  ],
  ['set search_path = x', [{ does: 'anything', why: 'SET search_path' }]],
  ['merge into carts using b on true when matched then delete', [{ does: 'delete', to: carts }]],
  [
    'merge into carts using b on true when matched then update set a = 1 when not matched then insert values (1)',
    [
      { does: 'update', to: carts, columns: ['a'] },
      { does: 'insert', to: carts },
    ],
  ],
  ['no sql at all', [{ does: 'anything', why: expect.any(String) }]],
])('tells what a statement may do: %s', async (sql, effects) => {
  const [facts] = await readFacts(sql);
  expect(facts?.effects.filter(({ does }) => does !== 'anything' || effects.length === 1)).toEqual(effects);
});

const sideEffects: SideEffects = {
  tables: ['carts', 'items', 'other', 'stamped', 'parts', 'part'].map((name) => ({
    label: `public.${name}`,
    schema: 'public',
    name,
  })),
  others: new Set(['some_view']),
  triggers: new Map([
    ['public.stamped', [{ name: 'stamp', on: ['update'], columns: ['updated_at'], calls: null }]],
    ['public.other', [{ name: 'log', on: ['update'], columns: [], calls: { name: 'logs', sha256: 'x' } }]],
  ]),
  onDdl: [],
  cascades: [{ parent: 'public.carts', child: 'public.items', on: 'delete', columns: ['id'] }],
  children: new Map([['public.parts', ['public.part']]]),
  functions: new Map([['mine', ['unknown']]]),
  harmless: new Set(['now', 'generate_series']),
};

let id = 0;
function row(state: JournalRow['state'], xid: number, step: number, detail: JournalRow['detail'] = null): JournalRow {
  id += 1;
  const at = new Date(0);
  return { id, runId: 'r', token: 1, version: 1, file: 'f', sha256: 'x', step, state, xid: `${xid}`, at, detail };
}

async function workOf(sql: string | null, journal: JournalRow[]) {
  const facts = new Map(sql === null ? [] : [['x', await readFacts(sql)] as const]);
  return describeOwnWork({ journal, facts, sideEffects });
}

test('a statement reaches what foreign keys, partitions and triggers add to it', async () => {
  const steps = [row('intent', 10, 1), row('done', 20, 1)];
  const deleted = await workOf('delete from carts', steps);
  expect(touchOf(deleted, 'public.items')).toMatchObject({ deleted: null, columns: null });
  expect(touchOf(await workOf('update parts set a = 1', steps), 'public.part').columns).toEqual(['a']);
  expect(touchOf(await workOf('update stamped set a = 1', steps), 'public.stamped').columns).toEqual([
    'a',
    'updated_at',
  ]);
  expect(touchOf(deleted, 'public.part')).toMatchObject({ deleted: 0, updated: 0 });
});

test.each([
  ['the text is not known', null],
  ['a trigger may do anything', 'update other set a = 1'],
  ['a function of the users may', 'select public.mine(1)'],
  ['nobody knows what the name means', 'update some_view set a = 1'],
])('the run may have touched everything where %s', async (_, sql) => {
  const work = await workOf(sql, [row('intent', 10, 1), row('done', 20, 1)]);
  expect(touchOf(work, 'public.carts')).toMatchObject({ inserted: null, updated: null, deleted: null });
  expect(authorOf(work)('public.carts', '15')).toBe('unclear');
});

test('what the text of functions tells counts only where the catalog has the very text, and triggers of the schema are functions', async () => {
  const sql = `create function mine() returns integer language sql as 'update carts set a = 1 returning 1'; select mine()`;
  const journal = [row('intent', 10, 2), row('done', 20, 2)];
  const facts = new Map([['x', await readFacts(sql)] as const]);
  const sha256 = facts.get('x')?.[0]?.defines?.[0]?.sha256 ?? '';
  const known = { ...sideEffects, functions: new Map([['mine', [sha256]]]) };
  expect(describeOwnWork({ journal, facts, sideEffects: known })).toMatchObject({
    ...{ anything: false, touched: { 'public.carts': { updated: null, columns: ['a'] } } },
  });
  expect(describeOwnWork({ journal, facts, sideEffects })).toMatchObject({
    ...{
      anything: true,
      why: ['statement 2 of f may have written anywhere: it calls mine, whose text is in no file of the migrations'],
    },
  });
  const onDdl = { ...known, onDdl: [{ name: 'logs', sha256: 'y' }] };
  expect(describeOwnWork({ journal, facts, sideEffects: onDdl }).why).toEqual([
    expect.stringContaining('a trigger of the schema runs logs'),
  ]);
});

test('ids between an intent and its end are unclear in the tables of that statement, and nowhere else', async () => {
  const work = await workOf('update carts set a = 1; alter table items add b integer', [
    ...[row('intent', 10, 1), row('done', 20, 1), row('intent', 30, 2), row('done', 40, 2)],
  ]);
  const author = authorOf(work);
  const ask = (table: string, xid: number) => author(`public.${table}`, `${xid}`);
  expect([ask('carts', 10), ask('carts', 11), ask('carts', 19), ask('carts', 20), ask('carts', 21)]).toEqual([
    ...['ours', 'unclear', 'unclear', 'ours', 'others'],
  ]);
  expect([ask('items', 15), ask('items', 35)]).toEqual(['others', 'others']);
  const altered = (xid: number) => alteredByUs(work, { label: 'public.items', alteredBy: [`${xid}`] });
  expect([altered(15), altered(35)]).toEqual([false, true]);
});

test('a statement that the server refused did nothing; one without an end may go on for ever', async () => {
  const detail = { sqlState: '23505', mayHaveCommitted: false, droppedIndexes: [] };
  const refused = await workOf('update carts set a = 1', [row('intent', 10, 1), row('refused', 20, 1, detail)]);
  expect([refused.ranges, refused.touched]).toEqual([[], {}]);
  const open = await workOf('update carts set a = 1', [row('intent', 10, 1)]);
  expect(authorOf(open)('public.carts', '99999999999')).toBe('unclear');
});

test('what others wrote is what was counted less our own, and not known where counting began anew or ours was not counted', async () => {
  const counts = (inserted: number, updated: number, deleted: number) => ({ inserted, updated, deleted });
  const detail = { rewritten: [], dropped: [], subtransactions: [], statement: 's' };
  const done = row('done', 20, 1, { ...detail, tables: { 'public.carts': counts(1, 2, 0) } });
  const work = await workOf('update carts set a = 1', [row('intent', 10, 1, { statement: 's', atomic: true }), done]);
  expect(work).toMatchObject({ xids: ['10', '20'], ranges: [], anything: false });
  const before = { since: 'a', tables: { '1': counts(5, 5, 5), '2': counts(0, 0, 0), '3': counts(9, 0, 0) } };
  const names = { '1': 'public.carts', '2': 'public.items', '3': 'public.other', '4': 'public.new' };
  const after = { ...before, names, tables: { '1': counts(6, 8, 5), '2': counts(0, 0, 4), '4': counts(1, 1, 1) } };
  expect(countOthers(before, after, work)).toEqual({
    'public.carts': counts(0, 1, 0),
    'public.items': counts(0, 0, 4),
  });
  expect(countOthers(before, { ...after, tables: { '3': counts(8, 0, 0) } }, work)).toEqual({});
  expect(countOthers(before, { ...after, since: 'b' }, work)).toEqual({});
  expect(countOthers(null, after, work)).toEqual({});
  const uncounted = await workOf('update carts set a = 1', [row('intent', 10, 1), row('done', 20, 1)]);
  expect(Object.keys(countOthers(before, after, uncounted))).toEqual(['public.items']);
});

test('parents come before children, and a circle ends', () => {
  const key = (child: string, parent: string): ForeignKey => {
    const end = { schema: 's', name: 'x', partitioned: false, columns: [] };
    return { name: 'k', child: end, parent: end, children: [child], parents: [parent], equals: [], full: false };
  };
  const keys = [
    key('item', 'cart'),
    key('cart', 'owner'),
    key('owner', 'item'),
    key('self', 'self'),
    key('part', 'item'),
  ];
  expect(parentsFirst(['part', 'self', 'cart'], keys)).toEqual(['cart', 'part', 'self']);
  expect(parentsFirst(['item', 'part'], keys)).toEqual(['item', 'part']);
});

test('the last word about a row counts, and rows without a key are all kept', () => {
  const found = { table: 't', live: ['1'], copy: null, author: 'others' as const };
  const keyed: Finding = { ...found, key: ['1'], kind: 'insert' };
  const bare: Finding = { ...found, key: [], kind: 'insert' };
  expect(mergeFindings([[keyed, bare, bare], [{ ...keyed, kind: 'none' }]])).toEqual([bare, bare]);
  expect(mergeFindings([[keyed], [{ ...keyed, live: ['2'] }]])).toEqual([{ ...keyed, live: ['2'] }]);
});

test('the SQL of a conflict holds every name and value in its quotes', () => {
  const table: SurveyedTable = {
    ...{ label: '"s\n; drop"."t"', schema: 's\n; drop', name: 't', side: 'both', unlogged: false, refiled: false },
    ...{ altered: null, alteredBy: [], unreadable: null, unwritable: null, width: 10, bytes: 10 },
    columns: [
      { name: 'a"b', type: 'integer', generated: false },
      { name: 'v', type: 'text', generated: false },
      { name: 'g', type: 'text', generated: true },
    ],
    key: { columns: ['a"b'], equals: ['operator(pg_catalog.=)'], order: 'pg_catalog' },
  };
  const live = ['1', `x'; drop table t; --\n\\`, 'g'];
  const copy = ['1', null, 'g'];
  const finding: Finding = { table: table.label, key: ['1'], kind: 'update', live, copy, author: 'others' };
  expect(conflictSql(table, { finding, doubt: 'changed-by-both' })).toBe(
    [
      `-- "s ; drop"."t": update, changed-by-both`,
      String.raw`-- live: {"a\"b":"1","v":"x'; drop table t; --\n\\","g":"g"}`,
      String.raw`-- copy: {"a\"b":"1","v":null,"g":"g"}`,
      `update only "s\n; drop"."t" set "v" = E'x''; drop table t; --\n\\\\'::text where "a""b" operator(pg_catalog.=) '1'::integer;`,
    ].join('\n'),
  );
  const inserted = conflictSql(table, { finding: { ...finding, kind: 'insert' }, doubt: 'altered' });
  expect(inserted).toContain(
    `insert into "s\n; drop"."t" ("a""b", "v") overriding system value values ('1'::integer, E'x''`,
  );
  const gone = conflictSql(table, { finding: { ...finding, kind: 'delete', live: null }, doubt: 'deleted-by-run' });
  expect(gone).toContain(`delete from only "s\n; drop"."t" where "a""b" operator(pg_catalog.=) '1'::integer;`);
});
