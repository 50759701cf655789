import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { onServer, put, runCli } from './folder-on-server.ts';

let postgres: TestPostgres;
let folder: string;
beforeAll(async () => {
  postgres = await startPostgres();
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
});
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const PLATFORM = `create schema extensions; create extension citext schema extensions; create role auditor;
create schema auth; create function auth.uid() returns int language sql as 'select 1'; create role owner_of_auth; grant usage on schema auth to public; alter schema auth owner to owner_of_auth;`;

const FILES = {
  '1.do.a.sql':
    'create table a (id int primary key, name extensions.citext, by int default auth.uid()); comment on table a is $$Why.$$;',
  '2.do.b.sql': 'alter table a owner to boss; grant select on a to auditor, reader;',
  'platform/before.sql': PLATFORM,
};

test('the embedded PostgreSQL and a server make the same file, in which nothing is of the prover', async () => {
  await put(folder, FILES);
  const options = ['--migrations', folder, '--prelude', join(folder, 'platform/before.sql')];
  const embedded = await runCli('schema', ...options, '--page', join(folder, 'schema.md'));
  expect(embedded).toMatchObject({ code: 0, err: '' });
  const text = await readFile(join(folder, 'schema.txt'), 'utf8');
  expect(text).toContain('up to version 2 make of an empty PostgreSQL 15, after before.sql.');
  expect(text).toContain(
    'schema public\n  owner pg_database_owner\n  grant USAGE to PUBLIC\n  comment standard public schema\n\n',
  );
  expect(text).toContain('schema extensions\n  owner <migrator>\n');
  expect(text).toContain('schema auth\n  owner owner_of_auth\n');
  expect(text).toContain('extension citext\n');
  expect(text).toContain(
    'table public.a\n  owner boss\n  grant SELECT to auditor\n  grant SELECT to reader\n  comment Why.\n',
  );
  expect(text.replace('`carthub-db schema`', '')).not.toMatch(/carthub(?!-db schema)|rds_|CREATE to/);
  expect(await readFile(join(folder, 'schema.md'), 'utf8')).toContain('### `a`\n\nWhy.');
  const query = onServer(postgres);
  const roles = await query('select rolname from pg_roles');
  const server = `postgresql://postgres@127.0.0.1:${postgres.server.port}`;
  expect(await runCli('schema', ...options, '--server', server, '--check')).toMatchObject({ code: 0, out: 'Current.' });
  expect(await query('select rolname from pg_roles')).toEqual(roles);
});

test('--check writes nothing and shows what is stale; check says so too', async () => {
  const server = ['--server', `postgresql://postgres@127.0.0.1:${postgres.server.port}/postgres`];
  const options = ['--migrations', folder, ...server, '--prelude', join(folder, 'platform/before.sql')];
  await put(folder, { '3.do.c.sql': 'alter table a add column born date;' });
  const before = await readFile(join(folder, 'schema.txt'), 'utf8');
  const stale = await runCli('schema', ...options, '--check', '--page', join(folder, 'schema.md'));
  expect(stale.code).toBe(1);
  expect(stale.out).toContain(`${join(folder, 'schema.txt')} is stale: the migrations make another schema.`);
  expect(stale.out).toContain('column born: missing\n      - date');
  expect(stale.out).toContain(`${join(folder, 'schema.md')} is stale.`);
  expect(stale.out).toMatch(
    /Make it anew: npx carthub-db schema --migrations \S+ --prelude \S+ --page \S+ --server URL$/,
  );
  expect(await readFile(join(folder, 'schema.txt'), 'utf8')).toBe(before);
  const checked = await runCli('check', ...options);
  expect(checked.code).toBe(1);
  expect(checked.out).toMatch(
    /Version 3, schema\.txt: \S+ is stale: the migrations make another schema. Make it anew: npx carthub-db schema /,
  );
  expect(await runCli('schema', ...options)).toMatchObject({ code: 0 });
  expect(await runCli('check', ...options)).toMatchObject({ code: 0 });
  await put(folder, { '4.do.d.sql': 'insert into a values (1);' });
  const data = await runCli('schema', ...options, '--check');
  expect(data.out).toContain('is stale: only its version, its heading or its form is another.');
  await writeFile(join(folder, 'schema.txt'), 'hand-made');
  expect((await runCli('schema', ...options, '--check')).out).toContain('is stale: it holds no schema.');
});

test('a migration that fails ends it with its place, and writes nothing', async () => {
  await put(folder, { '1.do.a.sql': 'create tabel a ();' });
  const before = await readFile(join(folder, 'schema.txt'), 'utf8');
  const { code, err } = await runCli(
    'schema',
    '--migrations',
    folder,
    '--server',
    `postgres://postgres@127.0.0.1:${postgres.server.port}`,
  );
  expect(code).toBe(1);
  expect(err).toContain('at 1.do.a.sql:1:8');
  expect(await readFile(join(folder, 'schema.txt'), 'utf8')).toBe(before);
});

test('rules that no other command could read are told by --check, too', async () => {
  const bad = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await put(bad, { '1.do.a.sql': 'create table a ();', 'ignore.json': '[{"kind": 7}]' });
  expect(await runCli('schema', '--migrations', bad, '--check')).toMatchObject({
    ...{ code: 2, err: expect.stringContaining('IgnoreRulesError') },
  });
  await rm(bad, { recursive: true });
});
