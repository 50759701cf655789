import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readMigrations } from '../../cli/release/folder.ts';
import { makeRelease } from '../../cli/release/make.ts';
import { modeOf } from '../../lib/migrations/mode-of.ts';
import { release } from '../../lib/migrations/release.ts';
import { testContext } from './context.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function make(files: Record<string, string>, cache: string | null = null) {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql);
  const { context, err } = testContext();
  const made = await makeRelease({ files: await readMigrations(folder), ignore: [], cache, context });
  return { ...made, err };
}

test("makes a release of Carthub's own migrations in which every version is proved", async () => {
  const { context, err } = testContext();
  const files = await readMigrations(join(import.meta.dirname, '../../migrations'));
  const made = await makeRelease({ files, ignore: [], cache: null, context });
  expect(err).toEqual([]);
  const parsed = release.parse(JSON.parse(made.documents.at(-1)?.bytes.toString() ?? ''));
  expect(parsed).toEqual(made.release);
  expect(parsed.unproven).toBeNull();
  expect(Object.keys(parsed.expected)).toEqual(['0', ...files.map(({ version }) => `${version}`)]);
  expect(new Set(Object.values(parsed.expected)).size).toBe(files.length + 1);
});

test('the same files make the same release, byte by byte, and are proved once', async () => {
  const cache = join(folder, 'cache');
  const files = { '1.do.a.sql': 'create table a (id int);', '2.do.b.sql': 'create table b (id int);' };
  const first = await make(files, cache);
  const facts = { effects: [{ does: 'make', to: { schema: null, name: 'a' } }], functions: [] };
  expect(first.release.files[0]).toMatchObject({ facts: [facts] });
  const [proof = ''] = await readdir(cache);
  const kept = JSON.parse(await readFile(join(cache, proof), 'utf8'));
  // What is kept is what is taken: a second proof would not have this in it.
  await writeFile(join(cache, proof), JSON.stringify({ ...kept, expected: { ...kept.expected, 1: null } }));
  expect((await make(files, cache)).release.expected['1']).toBeNull();
  // Half a file is no proof.
  await writeFile(join(cache, proof), '{"expec');
  const again = await make(files, cache);
  expect(again.documents).toEqual(first.documents);
  const changed = await make({ ...files, '2.do.b.sql': 'create table b (id bigint);' }, cache);
  expect(changed.release.expected['1']).toBe(first.release.expected['1']);
  expect(changed.release.expected['2']).not.toBe(first.release.expected['2']);
});

test('a file that fails leaves the digests before it, says which and where, and is no reason to stop', async () => {
  const { release: made, err } = await make({
    '1.do.a.sql': 'create table a (id int);',
    '2.do.b.sql': 'create table b (id int);\ncreate table c (id itn);',
    '3.do.c.sql': 'create table d (id int);',
  });
  expect(made.target).toBe(3);
  expect(made.expected).toEqual({ 0: expect.any(String), 1: expect.any(String), 2: null, 3: null });
  expect(made.unproven).toEqual({ file: '2.do.b.sql', message: expect.stringContaining('type "itn" does not exist') });
  expect(err.join('\n')).toContain('Warning: 2.do.b.sql fails on an empty database');
  expect(err.join('\n')).toContain('at 2.do.b.sql:2:20');
  expect(err.join('\n')).toMatch(/create table c \(id itn\);\n +\^/);
});

test.each([
  ['a COMMIT of its own', 'create table a (id int); commit; create table b (id int);', 'TransactionControlError'],
  ['rights that the master user of RDS has not', 'create role x superuser;', 'must be superuser'],
  ['a command of psql', '\\set x 1', 'PsqlCommandError'],
])('%s is a failure of the file', async (_, sql, said) => {
  const { release: made, err } = await make({ '1.do.a.sql': sql });
  expect(made.expected['1']).toBeNull();
  expect(err.join('\n')).toContain(said);
});

test('applies a file without a transaction statement by statement, and takes back what a file sets', async () => {
  const { release: made, err } = await make({
    '1.do.a.sql': 'create schema s; set search_path = s; set check_function_bodies = off; create table a (id int);',
    '2.do.b.sql': '-- carthub: no-transaction\ncreate index concurrently on s.a (id);\ncreate table b (id int);',
    '3.do.c.sql': 'select 1 from public.b;',
    '4.do.d.sql': '\uFEFFcreate table with_bom (id int);',
    '5.do.e.sql': 'create extension pgcrypto; create table e (id uuid default gen_random_uuid());',
  });
  expect(err).toEqual([]);
  expect(made.unproven).toBeNull();
  expect(made.files[1]?.mode).toBe('statements');
});

test('makes up the roles that a file names, since they are made outside of migrations', async () => {
  const { release: made, err } = await make({
    '1.do.a.sql': 'create table a (id int); grant select on a to "Reader One", writer; alter table a owner to boss;',
    '2.do.b.sql': 'create policy p on a to auditor using (true);',
  });
  expect(err).toEqual([]);
  expect(made.unproven).toBeNull();
});

test.each([
  ['create index concurrently on a (id)', 'statements'],
  ['-- why\ncreate index concurrently on a (id);\n', 'statements'],
  ['vacuum a;', 'statements'],
  ['create index concurrently on a (id); select 1;', 'transaction'],
  ['create index on a (id); -- concurrently', 'transaction'],
  ['begin;', 'transaction'],
  ['create index concurrently on on a', 'transaction'],
])('as postgrator, runs a lone statement that cannot be in a transaction without one: %s', async (sql, mode) => {
  expect(await modeOf('1.do.a.sql', sql)).toBe(mode);
});

test('refuses a first line that is nearly an instruction', async () => {
  await expect(make({ '1.do.a.sql': '-- carthub: no transaction\nselect 1;' })).rejects.toMatchObject({
    name: 'DirectiveError',
  });
});
