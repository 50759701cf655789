import { expect, test } from '@jest/globals';
import { parse } from '../../../lib/migrations/parse.ts';
import { refuse, refuseUnreadable } from '../../../lib/migrations/refuse.ts';
import type { ReleaseFile } from '../../../lib/migrations/release.ts';

async function check(sql: string, mode: ReleaseFile['mode'] = 'transaction'): Promise<unknown> {
  const file = { file: '1.do.a.sql', sql, mode };
  try {
    for await (const part of parse(sql)) {
      if ('statement' in part) refuse(file, part.statement);
      else refuseUnreadable(file, part.unreadable);
    }
    return null;
  } catch (error) {
    return error;
  }
}

test.each([
  ['BEGIN', 'create table a (id integer);\n  BEGIN; select 1', 'TransactionControlError', 2, 3],
  ['START TRANSACTION', 'start transaction', 'TransactionControlError', 1, 1],
  ['COMMIT', 'delete from fine;\ncommit;\nselect 1/0', 'TransactionControlError', 2, 1],
  ['END', 'select 1; end', 'TransactionControlError', 1, 11],
  ['ROLLBACK', '/* ; */ rollback', 'TransactionControlError', 1, 9],
  ['ABORT', 'abort', 'TransactionControlError', 1, 1],
  ['SAVEPOINT', 'savepoint a', 'TransactionControlError', 1, 1],
  ['ROLLBACK TO', 'rollback to a', 'TransactionControlError', 1, 1],
  ['RELEASE', 'release a', 'TransactionControlError', 1, 1],
  ['PREPARE TRANSACTION', `prepare transaction 'a'`, 'TransactionControlError', 1, 1],
  ['COMMIT PREPARED', `commit prepared 'a'`, 'TransactionControlError', 1, 1],
  ['ROLLBACK PREPARED', `rollback prepared 'a'`, 'TransactionControlError', 1, 1],
  ['COMMIT AND CHAIN', 'commit and chain', 'TransactionControlError', 1, 1],
  ['SET TRANSACTION', 'set transaction isolation level serializable', 'TransactionControlError', 1, 1],
  ['a command of psql', `select 'a';\n\\set x 1\n`, 'PsqlCommandError', 2, 1],
  ['COPY FROM STDIN', 'copy fine from stdin;\n1\n\\.\n', 'CopyFromStdinError', 1, 1],
  ['CREATE INDEX CONCURRENTLY', 'create index concurrently i on fine (id)', 'NeedsNoTransactionError', 1, 1],
  ['DROP INDEX CONCURRENTLY', 'drop index concurrently i', 'NeedsNoTransactionError', 1, 1],
  ['REINDEX CONCURRENTLY', 'reindex (concurrently, verbose) table fine', 'NeedsNoTransactionError', 1, 1],
  ['REINDEX SCHEMA', 'reindex schema public', 'NeedsNoTransactionError', 1, 1],
  ['VACUUM', 'vacuum full fine', 'NeedsNoTransactionError', 1, 1],
  ['CREATE DATABASE', 'create database other', 'NeedsNoTransactionError', 1, 1],
  ['ALTER SYSTEM', 'alter system set work_mem = 1', 'NeedsNoTransactionError', 1, 1],
  ['DETACH CONCURRENTLY', 'alter table a detach partition b concurrently', 'NeedsNoTransactionError', 1, 1],
  ['DISCARD ALL', 'discard all', 'ForbiddenStatementError', 1, 1],
  ['our schema', 'select 1; drop schema if exists carthub_db cascade', 'ForbiddenStatementError', 1, 11],
  ['our tables', 'update carthub_db.fence set token = 0', 'ForbiddenStatementError', 1, 1],
  ['our tables by the search path', 'set search_path = carthub_db, public', 'ForbiddenStatementError', 1, 1],
  ['all advisory locks', 'select pg_advisory_unlock_all()', 'ForbiddenStatementError', 1, 1],
  ['our advisory lock', 'select pg_advisory_unlock(27973166901523810)', 'ForbiddenStatementError', 1, 1],
  ['the name of our sessions', `set application_name = 'x'`, 'ForbiddenStatementError', 1, 1],
  ['the reading of strings', 'set standard_conforming_strings = off', 'ForbiddenStatementError', 1, 1],
  ['another encoding', `set client_encoding = 'LATIN1'`, 'ForbiddenStatementError', 1, 1],
  ['another encoding by SET NAMES', `set names 'LATIN1'`, 'ForbiddenStatementError', 1, 1],
  ['the encoding of the server', 'set Client_Encoding to default', 'ForbiddenStatementError', 1, 1],
  [
    'another encoding by a function',
    `select pg_catalog.set_config('Client_Encoding', 'LATIN1', false)`,
    'ForbiddenStatementError',
    1,
    1,
  ],
  [
    'our name by a function in a query',
    `insert into t select set_config('application_name'::text, x, true) from y`,
    'ForbiddenStatementError',
    1,
    1,
  ],
  [
    'our tables by a function',
    `select set_config('search_path', 'carthub_db, public', false)`,
    'ForbiddenStatementError',
    1,
    1,
  ],
  ['what is no SQL', `select 'é', 1;\n\tselec 2`, 'MigrationSyntaxError', 2, 2],
  ['a string that does not end', `select 1;\nselect 'abc`, 'MigrationSyntaxError', 2, 8],
])('%s is refused with its place and a remedy', async (_, sql, name, line, column) => {
  expect(await check(sql)).toMatchObject({
    name,
    remedy: expect.stringMatching(/\w/),
    place: { file: '1.do.a.sql', line, column, caret: expect.stringContaining('\n') },
  });
});

test.each([
  ['COMMIT', 'insert into fine values (1);\ncommit;', 'TransactionControlError'],
  ['SET ROLE', 'set role x', 'ForbiddenStatementError'],
  ['SET ROLE by a function', `select set_config('role', 'x', false)`, 'ForbiddenStatementError'],
  ['SET SESSION AUTHORIZATION', 'set session authorization x', 'ForbiddenStatementError'],
])('%s is refused in a file without a transaction too', async (_, sql, name) => {
  expect(await check(sql, 'statements')).toMatchObject({ name });
});

test.each([
  ['CREATE INDEX CONCURRENTLY', 'create index concurrently i on t (a)'],
  ['VACUUM', 'vacuum'],
  ['SET', 'set lock_timeout = 1'],
])('%s may stand in a file without a transaction', async (_, sql) => {
  expect(await check(sql, 'statements')).toBeNull();
});

test.each([
  ['words in strings, comments and names', `/* begin; */ select 'commit', "rollback", $$end;$$ -- abort`],
  ['bodies', 'create function f() returns integer language sql begin atomic select 1; end'],
  ['SET ROLE', 'set role x'],
  ['SET LOCAL', `set local lock_timeout = '1s'`],
  ['SET CONSTRAINTS', 'set constraints all deferred'],
  ['NOTIFY', `notify pgrst, 'reload schema'`],
  ['ALTER TYPE ADD VALUE', `alter type mood add value 'b'`],
  ['ANALYZE', 'analyze'],
  ['CALL and DO', 'call p(); do $$ begin commit; end $$'],
  ['DISCARD PLANS', 'discard plans'],
  ['REFRESH CONCURRENTLY', 'refresh materialized view concurrently m'],
  ["another's advisory lock", 'select pg_advisory_lock(1), pg_advisory_unlock(1)'],
  ['our schema as a mere string', `select 'carthub_db'`],
  ['what pg_dump sets', `set client_encoding = 'UTF8'; set standard_conforming_strings = on; set names 'utf-8'`],
  [
    'what pg_dump sets by a function',
    `select pg_catalog.set_config('search_path', '', false), set_config('client_encoding', 'UTF8', false)`,
  ],
  ['COPY TO STDOUT', 'copy t to stdout'],
])('%s passes', async (_, sql) => {
  expect(await check(sql)).toBeNull();
});

test('a statement that is too long to be parsed is known by its first word', async () => {
  const rows = Array.from({ length: 100_000 }, (_, id) => `(${id}, 'commit;')`).join(',\n');
  expect(await check(`insert into t values ${rows}; select 1`)).toBeNull();
  expect(await check(`insert into t values ${rows}; commit`)).toMatchObject({ name: 'TransactionControlError' });
  const comment = `/* ${'x'.repeat(1_100_000)} */`;
  expect(await check(`${comment} commit`)).toMatchObject({ name: 'ForbiddenStatementError' });
});
