import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../embedded/error-code.ts';
import type { Check } from '../../lib/schema/checks/check.ts';
import { readCheck } from '../../lib/schema/checks/read-check.ts';
import { MigrationsFolderError } from '../errors.ts';

/**
 * The checks in `checks/*.sql` beside the migrations, by name; none where there is no such folder.
 *
 * @throws CheckFileError, MigrationsFolderError
 */
export async function readChecks(folder: string): Promise<Check[]> {
  const names = await namesIn(join(folder, 'checks'));
  const checks = names.map(async (name) => readCheck(`checks/${name}`, await read(join(folder, 'checks', name))));
  return Promise.all(checks);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.sql') && !name.startsWith('.')).sort();
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return [];
    throw unreadable(folder, cause);
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(path: string, cause: unknown): MigrationsFolderError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MigrationsFolderError(`The checks in ${path} cannot be read: ${why}.`, {
    remedy: 'Let this user read it, or take it away.',
    cause,
  });
}
