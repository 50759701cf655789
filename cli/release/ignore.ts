import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../embedded/error-code.ts';
import { type IgnoreRule, IgnoreRulesError, parseIgnoreRules } from '../../lib/schema/ignore.ts';

/** The rules in `ignore.json` beside the migrations; none where there is no such file. @throws IgnoreRulesError */
export async function readIgnoreRules(folder: string): Promise<IgnoreRule[]> {
  const file = join(folder, 'ignore.json');
  try {
    return parseIgnoreRules(await readFile(file, 'utf8'), file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    if (!hasCode(error, 'EISDIR', 'EACCES', 'EPERM', 'ELOOP')) throw error;
    throw new IgnoreRulesError(`${file} cannot be read.`, {
      remedy: 'Make it a file that you may read, or take it away.',
      cause: error,
      place: { file, line: null, column: null, caret: null },
    });
  }
}
