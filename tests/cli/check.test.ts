import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import * as z from 'zod/mini';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { onServer, put, runCli } from './folder-on-server.ts';

let postgres: TestPostgres;
let folder: string;
let query: (sql: string) => Promise<unknown[]>;
beforeAll(async () => {
  postgres = await startPostgres();
  query = onServer(postgres);
  await query('create role ci login createdb createrole');
});
afterAll(() => postgres.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
});
/** Whatever happened in a test: no database and no role of ours is on the server. */
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  expect(await query(`select datname from pg_database where datname like 'carthub%'`)).toEqual([]);
  expect(
    await query(`select rolname from pg_roles where rolname !~ '^pg_' and rolname not in ('postgres', 'ci')`),
  ).toEqual([]);
});

const url = (user = 'ci') => `postgresql://${user}:s3cret@127.0.0.1:${postgres.server.port}/postgres`;

async function check(files: Record<string, string>, ...words: string[]) {
  await put(folder, files);
  const ran = await runCli('check', '--migrations', folder, '--server', url(), ...words);
  expect(ran.out + ran.err).not.toContain('s3cret');
  return ran;
}

const report = z.object({
  passed: z.boolean(),
  versions: z.array(z.object({ version: z.int(), undo: z.object({ end: z.string() }), again: z.string() })),
  failures: z.array(
    z.object({ during: z.string(), version: z.int(), says: z.string(), differences: z.array(z.unknown()) }),
  ),
  notes: z.array(z.string()),
});

/** The report of a folder, with a word for each version: how the undo ended, and applying again. */
async function checked(files: Record<string, string>, ...words: string[]) {
  const { code, out } = await check(files, '--json', ...words);
  const { versions, failures, notes, passed } = report.parse(JSON.parse(out));
  expect(code).toBe(passed ? 0 : 1);
  const ends = versions.map(({ version, undo, again }) => `${version}: ${undo.end}, ${again}`);
  return {
    passed,
    ends,
    notes,
    failures: failures.map(({ during, version, says }) => `${version} ${during}: ${says}`),
  };
}

const A = {
  '1.do.a.sql': 'create table a (id int primary key, n int check (n > 0));',
  '1.undo.a.sql': 'drop table a;',
};

test('a folder whose versions can be undone and applied again passes, whatever its files set or how they run', async () => {
  const { code, out, err } = await check({
    ...A,
    '2.do.b.sql': '-- carthub: no-transaction\ncreate index concurrently a_n on a (n);',
    '2.undo.b.sql': 'drop index concurrently a_n;',
    '3.do.c.sql':
      'create schema s; set search_path = s; create table c (id int); grant select on c to reader; alter table public.a owner to boss;',
    '3.undo.c.sql':
      'drop schema s cascade; set role boss; alter table a owner to current_user; reset role; alter table a owner to ci;',
    '4.do.d.sql': 'create role made_by_file; grant insert on a to made_by_file;',
    '4.undo.d.sql': 'revoke insert on a from made_by_file; drop role made_by_file;',
    'checks/a.sql':
      '-- versions: 1..\n-- Numbers count.\n\n-- refuses 23514 a_n_check: none\ninsert into a values (1, 0);\n',
    'checks/later.sql': '-- versions: 9..\n-- Not yet.\n\n-- holds: it\nselect true;\n',
  });
  expect(out).toMatch(/^ +3 {2}3\.do\.c\.sql +\d+ ms +1 of 1 +as before, \d+ ms +the same$/m);
  expect(out).toContain('checks/later.sql holds at none of these versions');
  expect(out).toMatch(/^Passed: 4 versions, 4 checks, 4 undone and applied again, on PostgreSQL 15\.\d+ in/m);
  expect(code).toBe(0);
  expect(err).toMatch(
    /^Applying 4 files to an empty database of PostgreSQL 15\.\d+, with their checks\.\nUndoing them/,
  );
});

test('a check that an earlier version kept and a later one breaks is told once, with its place', async () => {
  const { code, out } = await check({
    ...A,
    '2.do.b.sql': 'alter table a drop constraint a_n_check;',
    '3.do.c.sql': 'create table c ();',
    'checks/a.sql': '-- versions: 1..\n-- Numbers count.\n\n-- refuses 23514: none\ninsert into a values (1, 0);\n',
    'checks/old.sql': '-- versions: 1..1\n-- It ends here.\n\n-- refuses 23514: none\ninsert into a values (1, 0);\n',
  });
  expect(code).toBe(1);
  expect(out).toContain('Version 2, checks: checks/a.sql: none. It held at version 1, for which services were written');
  expect(out).toMatch(/at checks\/a\.sql:5:1\n +insert into a values \(1, 0\);\n +\^/);
  expect(out).toMatch(/^Failed: 1 failure in 3 versions/m);
});

test('an undo that does nothing, or half, or fails is told with what differs, and those below it are tried all the same', async () => {
  const b = { '2.do.b.sql': 'create table b (id int);' };
  const index = { '3.do.c.sql': '-- carthub: no-transaction\ncreate index concurrently a_n on a (n);' };
  expect(await checked({ ...A, ...b, '2.undo.b.sql': '', ...index, '3.undo.c.sql': 'drop index a_n;' })).toEqual({
    passed: false,
    ends: ['1: differs, differs', '2: differs, failed', '3: as before, not tried'],
    notes: [],
    failures: [
      '2 undo: 2.undo.b.sql does not bring back the schema of version 1',
      '2 apply again: 2.do.b.sql fails when it is applied again after an undo',
    ],
  });
  expect(await checked({ '2.undo.b.sql': 'drop table b; drop table nothing;' })).toMatchObject({
    ends: ['1: as before, the same', '2: failed, not tried', '3: as before, the same'],
    failures: ['2 undo: 2.undo.b.sql fails'],
  });
  // Whatever half of it did, there is no version to go on from.
  const half = '-- carthub: no-transaction\ndrop index concurrently a_n;\ndrop index nothing;';
  expect(await checked({ '3.undo.c.sql': half })).toMatchObject({
    ends: ['1: as before, the same', '2: failed, not tried', '3: failed, not tried'],
    failures: ['3 undo: 3.undo.c.sql fails, and may have done half of what it does', '2 undo: 2.undo.b.sql fails'],
  });
});

test('a missing undo file is a note, and a failure only when undo is required', async () => {
  const files = {
    ...A,
    '2.do.b.sql': 'create table b ();',
    '3.do.c.sql': 'create table c ();',
    '3.undo.c.sql': 'drop table c;',
  };
  const lone = { ...files, '7.undo.x.sql': 'select 1;' };
  const note = 'No undo file for 2.do.b.sql.';
  expect(await checked(lone)).toEqual({
    passed: true,
    ends: ['1: as before, the same', '2: missing, not tried', '3: as before, the same'],
    notes: [note, '7.undo.x.sql undoes a version that no file makes.'],
    failures: [],
  });
  expect(await checked({}, '--require-undo')).toMatchObject({ passed: false, failures: [`2 undo: ${note}`] });
  // Nor does a newest file without one, or one that fails, keep the others from being tried.
  expect(await checked({ '4.do.d.sql': 'create table d ();' })).toMatchObject({
    ends: ['1: as before, the same', '2: missing, not tried', '3: as before, the same', '4: missing, not tried'],
  });
  expect(await checked({ '4.do.d.sql': 'select 1/0;' })).toMatchObject({
    ends: ['1: as before, the same', '2: missing, not tried', '3: as before, the same', '4: missing, not tried'],
  });
});

test('a file that fails on an empty database is told with its place, and ends it', async () => {
  const { code, out } = await check({ ...A, '2.do.b.sql': 'create table b (\n  id itn);', '3.do.c.sql': 'select 1;' });
  expect(code).toBe(1);
  expect(out).toContain('Version 2, apply: 2.do.b.sql fails on an empty database; nothing was tried after it');
  expect(out).toMatch(/SqlError: type "itn" does not exist[\s\S]*at 2\.do\.b\.sql:2:6\n +id itn\);\n +\^/);
  expect(out).toContain('and 1 version that was not tried');
});

test.each([
  ['create extension pg_net;', '--server URL'],
  ['create extension postgres_fdw;', '--prelude FILE'],
])('%s, which cannot be here, is told with what helps: %s', async (sql, remedy) => {
  const { code, out } = await check({ '1.do.a.sql': sql });
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`Remedy: .*${remedy}$`, 'm'));
});

test('Ctrl-C in the middle of a file leaves no database on the server', async () => {
  await put(folder, { '1.do.a.sql': 'create role sleeper; select pg_sleep(60);' });
  const running = runCli.interruptible('check', '--migrations', folder, '--server', url());
  for (;;) {
    const found = await query(
      `select pid from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()`,
    );
    if (found.length > 0) break;
  }
  running.interrupt();
  expect(await running.ended).toMatchObject({ code: 130, out: '' });
});

test('a prelude makes what a platform provides, in the schema of version 0 and of all others; its mistakes have a place', async () => {
  const prelude = join(folder, 'platform', 'before.sql');
  await put(folder, {
    ...A,
    '2.do.b.sql':
      'create table b (id uuid default extensions.gen_random_bytes(1)::text::uuid); grant select on b to platform_reader;',
    'platform/before.sql':
      'create schema extensions; create extension pgcrypto schema extensions; create role platform_reader;',
  });
  const migrate = ['--migrations', folder, '--server', url(), '--prelude', prelude];
  // The superuser alone may do all of this.
  const asSuperuser = migrate.map((word) => word.replace('//ci:', '//postgres:'));
  expect(await runCli('check', ...asSuperuser)).toMatchObject({ code: 0 });
  expect(await runCli('schema', ...asSuperuser)).toMatchObject({ code: 0 });
  const { out } = await runCli('check', ...asSuperuser);
  expect(out).toContain(`${join(folder, 'schema.txt')} is current.`);
  await put(folder, { 'platform/before.sql': 'create role platform_reader;\ncreate extension nothing;' });
  const failed = await runCli('check', ...migrate, '--json');
  expect(failed.code).toBe(2);
  expect(JSON.parse(failed.out)).toMatchObject({
    error: { name: 'PreludeError', file: 'before.sql', line: 2, column: 1 },
  });
});

test.each<[string, string, string]>([
  ['a user who may make no database', 'create role plain login', 'may not make a database'],
  [
    'another major version',
    `create role newer login createdb; create schema other;
     create function other.current_setting(text) returns text language sql as $$ select '160002' $$;
     grant usage on schema other to newer; alter role newer set search_path = other, pg_catalog`,
    'is PostgreSQL 160002; files are tried on 15 only',
  ],
  ['a user who is not there', 'select 1', 'role "ghost" does not exist'],
])('refuses %s, with a remedy and no password', async (_, prepare, said) => {
  await put(folder, A);
  await query(prepare);
  const user = /^create role (\w+)/.exec(prepare)?.[1] ?? 'ghost';
  const { code, out, err } = await runCli('check', '--migrations', folder, '--server', url(user));
  if (user === 'newer') await query('drop schema other cascade; drop owned by newer');
  if (user !== 'ghost') await query(`drop role ${user}`);
  expect(code).toBe(2);
  expect(out + err).not.toContain('s3cret');
  expect(err).toContain('ProvingServerError: ');
  expect(err).toContain(said);
  expect(err).toMatch(/^Remedy: \S/m);
});

test.each([
  ['--server', 'mysql://u:s3cret@h/x'],
  ['--server', 'u:s3cret@h'],
  ['--server', 'postgresql://:s3cret@h/x'],
  ['--server', 'postgresql://u:s3cret@h/x?sslmode=prefer'],
  ['--server', 'postgresql://u:s3cret%@h/x'],
  ['postgresql://u:s3cret@h/x'],
  ['--prelude', '/nowhere/s3.sql'],
])('refuses %s %s as wrong usage, without its password', async (...words) => {
  const { code, out, err } = await runCli('check', ...words);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toContain('s3cret');
  expect(err).toMatch(/^Remedy: \S/m);
});
