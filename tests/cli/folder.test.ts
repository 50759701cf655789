import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readFileName } from '../../cli/release/file-name.ts';
import { readMigrations } from '../../cli/release/folder.ts';

let folder: string;
beforeEach(async () => {
  // What a shell or a glob would take for a pattern.
  folder = join(await mkdtemp(join(tmpdir(), 'carthub-db-test-')), 'a [b] {c,d} *(e)! @f');
  await mkdir(folder);
});
afterEach(() => rm(dirname(folder), { recursive: true, force: true }));

async function write(files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

test('reads the do files in the order of their numbers, and leaves alone what is no migration', async () => {
  await write({
    '10.do.third.sql': 'select 10;',
    '9.do.second.sql': 'select 9;',
    '9.undo.second.sql': 'select -9;',
    '001.do.sql': 'select 1;',
    '20260131093000.do.fourth.and.more.sql': 'select 4;',
    'README.md': 'about',
    'knexfile.js': 'module.exports = {}',
    '.010.do.hidden.sql': 'select 0;',
    'checks/no migration.sql': 'select 0;',
  });
  const files = await readMigrations(folder);
  expect(files.map(({ version, name, file }) => [version, name, file])).toEqual([
    [1, '', '001.do.sql'],
    [9, 'second', '9.do.second.sql'],
    [10, 'third', '10.do.third.sql'],
    [20260131093000, 'fourth', '20260131093000.do.fourth.and.more.sql'],
  ]);
});

test("keeps postgrator's checksum, the same for every kind of line end, and the bytes as they are", async () => {
  await write({ '1.do.a.sql': 'select 1;\r\nselect 2;\r\n', '2.do.a.sql': 'select 1;\nselect 2;\n' });
  const [crlf, lf] = await readMigrations(folder);
  expect(crlf?.md5).toBe(lf?.md5);
  expect(crlf?.bytes.toString()).toContain('\r\n');
});

describe('refuses by name, with a remedy,', () => {
  test.each<[string, Record<string, string | Buffer>, RegExp, RegExp]>([
    ['an empty folder', {}, /holds no migration/, /001\.do/],
    ['a folder of undo files only', { '1.undo.a.sql': 'select 1' }, /holds no migration/, /001\.do/],
    [
      'a version twice',
      { '1.do.a.sql': '1', '01.do.b.sql': '1' },
      /version 1 is there twice, as 01\.do\.b\.sql and 1\.do\.a\.sql/,
      /another version/,
    ],
    ['an empty file', { '1.do.a.sql': ' \n' }, /1\.do\.a\.sql is empty/, /comment/],
    ['Latin-1', { '1.do.a.sql': Buffer.from([0x2d, 0x2d, 0xe4]) }, /is not UTF-8/, /iconv/],
    ['a NUL byte', { '1.do.a.sql': 'select 1;\0' }, /NUL byte/, /plain UTF-8/],
    ['JavaScript', { '1.do.a.js': '' }, /1\.do\.a\.js: migrations in JavaScript are not run/, /1\.do\.a\.sql/],
    ['every bad name at once', { '1.up.a.sql': '', 'x.sql': '' }, /1\.up\.a\.sql: .*\n.*x\.sql: /, /1\.do\.a\.sql.*\n/],
  ])('%s', async (_, files, message, remedy) => {
    await write(files);
    const error = await readMigrations(folder).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'MigrationsFolderError',
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(remedy),
    });
  });

  test('a folder that is not there, a file in its place, and a link to nowhere', async () => {
    await write({ file: 'x' });
    await expect(readMigrations(join(folder, 'none'))).rejects.toThrow(/none cannot be read: it is not there/);
    await expect(readMigrations(join(folder, 'file'))).rejects.toThrow(/file cannot be read: it is not a folder/);
    await symlink('/nowhere/at/all', join(folder, '1.do.a.sql'));
    await expect(readMigrations(folder)).rejects.toThrow(/1\.do\.a\.sql cannot be read: it is not there/);
  });
});

test.each([
  '-- migrate:up\ncreate table a ();\n-- migrate:down\ndrop table a;\n',
  '-- +goose Up\ncreate table a ();\n-- +goose Down\ndrop table a;\n',
])('a file that holds the way back too is refused at its place: %j', async (sql) => {
  await writeFile(join(folder, '1.do.a.sql'), sql);
  await expect(readMigrations(folder)).rejects.toMatchObject({
    ...{ name: 'MigrationsFolderError', remedy: expect.stringContaining('VERSION.undo.NAME.sql') },
    place: { line: 3, column: 1 },
  });
});

describe('file names', () => {
  test.each([
    ['1e3.do.a.sql', /"1e3" is not a version of digits only/, /VERSION\.do/],
    ['0x10.do.a.sql', /"0x10"/, /VERSION\.do/],
    ['-1.do.a.sql', /"-1"/, /VERSION\.do/],
    ['schema.sql', /"schema"/, /sub-folder/],
    ['000.do.a.sql', /version 0/, /from 1/],
    ['9007199254740993.do.a.sql', /too large/, /001/],
    ['001.Do.a.sql', /"Do" is neither do nor undo/, /001\.do\.a\.sql/],
    ['001.up.a.sql', /"up"/, /001\.do\.a\.sql/],
    ['001.down.a.sql', /"down"/, /001\.undo\.a\.sql/],
    ['001.create-carts.sql', /"create-carts"/, /001\.do\.create-carts\.sql/],
    ['001.do.a.SQL', /small letters/, /001\.do\.a\.sql/],
    ["001.do.it's.sql", /letters, digits/, /001\.do\.it-s\.sql/],
    ['001.do.a b(1).sql', /letters, digits/, /001\.do\.a-b-1\.sql/],
    ['000001_init.up.sql', /another tool/, /^Name it 000001\.do\.init\.sql\.$/],
    ['000001_init.down.sql', /another tool/, /000001\.undo\.init\.sql/],
    ['V2__Add users.sql', /another tool/, /2\.do\.Add-users\.sql/],
    ['U2__Add_users.sql', /another tool/, /2\.undo\.Add_users\.sql/],
    ['20240131_init.sql', /another tool/, /20240131\.do\.init\.sql/],
    ['V1.1__a.sql', /"V1" is not a version/, /VERSION\.do/],
    ['001.do..sql', /letters, digits/, /001\.do\.sql/],
    ['001.do.ä.sql', /letters, digits/, /001\.do\.sql/],
  ])('%s is refused, and what it could be is said', (file, problem, remedy) => {
    expect(readFileName(file)).toEqual({
      file,
      problem: expect.stringMatching(problem),
      remedy: expect.stringMatching(remedy),
    });
  });
});
