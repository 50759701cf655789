import { expect, test } from '@jest/globals';
import { droppedNames } from '../../../lib/migrations/dropped-names.ts';
import { touchedNames } from '../../../lib/migrations/touched-names.ts';

test.each([
  ['drop index concurrently if exists a.one, "Two"', ['one', 'Two']],
  ['drop function s.f(int, text); drop procedure p', ['f', 'p']],
  ['drop type mood; drop schema app; drop extension hstore', ['mood', 'app', 'hstore']],
  ['drop trigger t on public.carts; drop policy p on carts', ['t', 'p']],
  ['alter table q.t drop column c, drop constraint k, add d int', ['c', 'k']],
  ['alter table x rename to y; alter table t rename column a to b; alter index i rename to j', ['x', 'a', 'i']],
  ['alter function f(int) rename to g', ['f']],
  ["create table t (); select 'drop table u'; -- drop table v", []],
])('%s', async (sql, names) => {
  expect(await droppedNames(sql)).toEqual(names);
});

test.each([
  ['create table s.t (id int, constraint k check (id > 0))', ['id', 'int4', 'k', 't']],
  ['create index concurrently i on public.carts (total)', ['carts', 'i']],
  ['alter table t add constraint c unique (a); create view v as select 1 from w', ['c', 't', 'v', 'w']],
  ['create trigger tr after insert on t execute function f()', ['f', 't', 'tr']],
  ["create type mood as enum ('a'); comment on type mood is 'x'; alter type mood add value 'b'", ['b', 'mood']],
  ['insert into t values (1); do $$ begin create table u (); end $$', []],
])('%s touches what it names', async (sql, names) => {
  expect(await touchedNames(sql)).toEqual(expect.arrayContaining(names));
  if (names.length === 0) expect(await touchedNames(sql)).toEqual([]);
});
