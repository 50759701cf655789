import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { concerns } from '../../cli/check/concerns.ts';
import { readCheck } from '../../lib/schema/checks/read-check.ts';
import { compare } from '../../lib/schema/compare.ts';
import { readDocument } from '../../lib/schema/describe.ts';
import { startPostgres, type TestPostgres, withDatabase } from '../support/postgres.ts';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

const CHECK = `-- versions: 1..
-- Carts are found.

INSERT INTO carts (id) SELECT n FROM generate_series(1, 100000) n;

-- uses an index: one
SELECT * FROM carts WHERE id = 7;
`;

/** Whether the check must run again after `sql`. */
async function again(sql: string, before = ''): Promise<boolean> {
  return withDatabase(await postgres.freshDatabase(), async (client) => {
    await client.query(`create table carts (id int primary key, n int); create table other (id int); ${before}`);
    const was = await readDocument(client, {});
    await client.query(sql);
    const after = await readDocument(client, {});
    const file = { file: '2.do.x.sql', sql, mode: 'transaction' as const };
    return concerns(await readCheck('checks/x.sql', CHECK), {
      file,
      differences: compare(was, after).differences,
      after,
    });
  });
}

test.each([
  'create table more (id int references carts)',
  'create index on other (id); alter table other add n int; drop table if exists nothing',
  'insert into other values (1)',
  'create view seen as select 1',
])('a check of indexes need not run again after: %s', async (sql) => {
  expect(await again(sql)).toBe(false);
});

test.each<[string, string]>([
  ['create index on carts (n)', ''],
  ['alter table carts alter n set statistics 10', ''],
  ['insert into carts values (-1)', ''],
  ['do $$ begin insert into carts values (-1); end $$', ''],
  ['create table child () inherits (carts)', ''],
  ['create function f() returns int language sql as $$ select 1 $$', ''],
  ["select setval('s', 5)", 'create sequence s;'],
  ['set enable_indexscan = off', ''],
  [
    'alter table other add n int',
    'alter table carts enable row level security; create policy p on carts using (true);',
  ],
  [
    'drop table other',
    'create function t() returns trigger language plpgsql as $$ begin return new; end $$; create trigger t before insert on carts for each row execute function t();',
  ],
])('a check of indexes runs again after: %s', async (sql, before) => {
  expect(await again(sql, before)).toBe(true);
});
