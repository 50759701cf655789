import { expect, test } from '@jest/globals';
import { type Parsed, parse } from '../../../lib/migrations/parse.ts';

async function all(sql: string): Promise<Parsed[]> {
  const found: Parsed[] = [];
  for await (const part of parse(sql)) found.push(part);
  return found;
}

async function statements(sql: string): Promise<[string, string, number][]> {
  return (await all(sql)).map((part) => {
    if ('unreadable' in part) throw new Error(part.unreadable.message);
    return [part.statement.head, part.statement.sql, part.statement.start];
  });
}

test('each statement has its text and its place in characters of the file, whatever bytes come before it', async () => {
  const sql = `-- é\nselect 'ü😀'; /* 漢 */ update t set a = 'é';\n\nselect 2 -- last`;
  expect(await statements(sql)).toEqual([
    ['SELECT', `select 'ü😀'`, sql.indexOf('select')],
    ['UPDATE', `update t set a = 'é'`, sql.indexOf('update')],
    ['SELECT', 'select 2 -- last', sql.lastIndexOf('select')],
  ]);
});

test('a body with semicolons of its own is one statement', async () => {
  const body =
    'create function f() returns integer language sql begin atomic select case when true then 1 end; select 2; end';
  expect(await statements(`${body}; select 1`)).toEqual([
    ['CREATE', body, 0],
    ['SELECT', 'select 1', body.length + 2],
  ]);
});

test('empty statements and comments are none', async () => {
  expect(await statements(';; -- nothing\n;/* */')).toEqual([]);
  expect(await statements('')).toEqual([]);
});

test('a byte order mark is no part of the first statement', async () => {
  expect(await statements('\uFEFFselect 1')).toEqual([['SELECT', 'select 1', 1]]);
});

test('what the grammar rejects is told with its place, and what follows is still read', async () => {
  const sql = `select 'é';\nselect 'ü😀' fromm t;\ncommit;`;
  expect(await all(sql)).toMatchObject([
    { statement: { head: 'SELECT' } },
    { unreadable: { problem: 'syntax', message: 'syntax error at or near "t"', at: sql.indexOf('t;\n') } },
    { statement: { head: 'COMMIT' } },
  ]);
});

test('a body that does not end is told, not waited for', async () => {
  const found = await all('create function f() returns integer language sql begin atomic select 1; select 2;');
  expect(found).toMatchObject([{ unreadable: { message: 'syntax error at end of input' } }]);
});
