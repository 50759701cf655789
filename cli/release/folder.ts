import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import Postgrator from 'postgrator';
import { hasCode } from '../../embedded/error-code.ts';
import { placeAt } from '../../lib/postgres/place.ts';
import { MigrationsFolderError } from '../errors.ts';
import { type FileName, readFileName } from './file-name.ts';

/** A `do` file as it was read. */
export type MigrationFile = FileName & {
  /** The bytes on disk, which the image carries and the runner compares. */
  bytes: Buffer;
  /** Of the text with LF line ends, as postgrator keeps it. */
  md5: string;
};

/**
 * The `do` files of a folder, in order. Sub-folders, hidden files and whatever is neither SQL nor JavaScript are left alone.
 *
 * @throws MigrationsFolderError that names every file that is in the way
 */
export async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const names = readNames(folder, await listFiles(folder));
  const wanted = names.filter(({ action }) => action === 'do').sort((a, b) => a.version - b.version);
  if (wanted.length === 0) {
    throw new MigrationsFolderError(`The folder ${folder} holds no migration.`, {
      remedy: 'Put files named VERSION.do.NAME.sql into it, for example 001.do.create-carts.sql.',
    });
  }
  const bytes = await Promise.all(wanted.map(async (name) => ({ name, bytes: await read(folder, name.file) })));
  for (const { name, bytes: text } of bytes) refuseBothWays(join(folder, name.file), text.toString('utf8'));
  const md5 = await postgratorsView(folder, wanted);
  return bytes.map(({ name, bytes }) => ({ ...name, bytes, md5: md5.get(name.file) ?? '' }));
}

/** What begins the way back in a file of dbmate, goose and sql-migrate. */
const WAY_BACK = /^[ \t]*--[ \t]*(migrate:down|\+\w+[ \t]+down)\b/im;

/** Files of other tools may hold both ways: run whole, it would do and undo. */
function refuseBothWays(path: string, sql: string): void {
  const found = WAY_BACK.exec(sql);
  if (found === null) return;
  const place = placeAt(path, sql, found.index);
  throw new MigrationsFolderError(`${path} holds the way back too, which would be run with the rest of it.`, {
    remedy: 'Move that line and what is below it into a file VERSION.undo.NAME.sql.',
    place,
  });
}

/**
 * The `undo` files of a folder, by version. An empty one undoes nothing, as postgrator has it.
 *
 * @throws MigrationsFolderError
 */
export async function readUndoFiles(folder: string): Promise<Map<number, FileName & { bytes: Buffer }>> {
  const names = readNames(folder, await listFiles(folder)).filter(({ action }) => action === 'undo');
  const files = names.map(async (name) => ({ ...name, bytes: await read(folder, name.file, 'may be empty') }));
  return new Map((await Promise.all(files)).map((file) => [file.version, file]));
}

async function listFiles(folder: string): Promise<string[]> {
  try {
    const entries = (await readdir(folder)).sort();
    const kinds = await Promise.all(entries.map(async (name) => ({ name, ...(await kindOf(join(folder, name))) })));
    return kinds.filter(({ file }) => file).map(({ name }) => name);
  } catch (error) {
    throw unreadable(folder, 'The folder of migrations', error);
  }
}

async function kindOf(path: string): Promise<{ file: boolean }> {
  try {
    return { file: !(await stat(path)).isDirectory() };
  } catch (error) {
    // A link to nowhere is a file that cannot be read, which is said when its turn comes.
    if (hasCode(error, 'ENOENT', 'ELOOP')) return { file: true };
    throw error;
  }
}

const SHOWN = 20;

function readNames(folder: string, files: readonly string[]): FileName[] {
  const read = files.map(readFileName).filter((name) => name !== null);
  const bad = read.filter((name) => 'problem' in name);
  if (bad.length > 0) {
    const shown = bad.slice(0, SHOWN);
    const more = bad.length - shown.length;
    const also = more > 0 ? [`and ${more} more`] : [];
    throw new MigrationsFolderError(
      [`In ${folder}:`, ...shown.map(({ file, problem }) => `${file}: ${problem}`), ...also].join(
        bad.length === 1 ? ' ' : '\n  ',
      ),
      { remedy: [...new Set(shown.map(({ remedy }) => remedy)), ...also].join('\n  ') },
    );
  }
  const names = read.filter((name) => 'version' in name);
  const seen = new Map<string, FileName>();
  for (const name of names) {
    const key = `${name.version}.${name.action}`;
    const other = seen.get(key);
    if (other !== undefined) {
      throw new MigrationsFolderError(
        `In ${folder}: version ${name.version} is there twice, as ${other.file} and ${name.file}.`,
        { remedy: 'Give one of them another version.' },
      );
    }
    seen.set(key, name);
  }
  return names;
}

async function read(folder: string, file: string, empty: 'may be empty' | 'refused' = 'refused'): Promise<Buffer> {
  const path = join(folder, file);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unreadable(path, 'The file', error);
  }
  if (!isUtf8(bytes)) {
    throw new MigrationsFolderError(`${path} is not UTF-8.`, {
      remedy: `Save it as UTF-8, for example: iconv -f LATIN1 -t UTF-8 ${file}`,
    });
  }
  if (bytes.includes(0)) {
    throw new MigrationsFolderError(`${path} holds a NUL byte, which PostgreSQL's text cannot.`, {
      remedy: 'Save it as plain UTF-8 text.',
    });
  }
  if (empty === 'refused' && bytes.toString('utf8').trim() === '') {
    throw new MigrationsFolderError(`${path} is empty.`, {
      remedy: 'Write its SQL, or a comment that says why there is none.',
    });
  }
  return bytes;
}

/** postgrator's checksums; that it sees the same files in the same order as we do is not taken for granted. */
async function postgratorsView(folder: string, wanted: readonly FileName[]): Promise<Map<string, string>> {
  const literal = folder.replace(/[\\*?[\]{}()!+@|]/g, '\\$&');
  const postgrator = new Postgrator({ driver: 'pg', migrationPattern: `${literal}/*.sql`, newline: 'LF' });
  await postgrator.getMigrations();
  const seen = postgrator.getRunnableMigrations(0, Number.MAX_SAFE_INTEGER);
  const files = seen.map(({ filename }) => filename.slice(filename.lastIndexOf('/') + 1));
  if (files.join('\n') !== wanted.map(({ file }) => file).join('\n')) {
    throw new Error(`postgrator reads ${folder} as ${files.join(', ')}, which is not how we read it.`);
  }
  return new Map(seen.map(({ md5 }, at) => [files[at] ?? '', md5]));
}

function unreadable(path: string, what: string, error: unknown): Error {
  const reason = Object.entries(REASONS).find(([code]) => hasCode(error, code))?.[1] ?? String(error);
  return new MigrationsFolderError(`${what} ${path} cannot be read: ${reason}.`, {
    remedy: 'Name the folder that holds the files VERSION.do.NAME.sql: --migrations DIR',
    cause: error,
  });
}

const REASONS: Record<string, string> = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not a folder',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ELOOP: 'it is a link that leads to itself',
};
