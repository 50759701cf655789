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
export async function readChecks(migrations: string): Promise<Check[]> {
  const names = await namesIn(join(migrations, 'checks'));
  return Promise.all(
    names.map(async (name) => readCheck(`checks/${name}`, await readFile(join(migrations, 'checks', name), 'utf8'))),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => name.endsWith('.sql') && !name.startsWith('.')).sort();
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return [];
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationsFolderError(`The checks in ${folder} cannot be read: ${said}.`, {
      remedy: 'Make it a folder that this user may read, or take it away.',
      cause,
    });
  }
}
