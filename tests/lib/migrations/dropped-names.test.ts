import { expect, test } from '@jest/globals';
import { droppedNames } from '../../../lib/migrations/dropped-names.ts';

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
