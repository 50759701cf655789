import { CarthubError } from '../errors.ts';
import { placeAt } from '../postgres/place.ts';
import type { ReleaseFile } from './release.ts';

/** The first comment line of a file looks like an instruction to us, but is none that we know. */
export class DirectiveError extends CarthubError {
  override readonly name = 'DirectiveError';
}

export const NO_TRANSACTION = '-- carthub: no-transaction';

/**
 * How a file wants to run, by its first comment line.
 *
 * @throws DirectiveError for a misspelt one: taken for a mere comment it would change what the file means
 */
export function readMode(file: string, sql: string): ReleaseFile['mode'] {
  const first = /^\uFEFF?\s*(--[^\n\r]*)/.exec(sql);
  const line = first?.[1]?.trim() ?? '';
  if (line === NO_TRANSACTION) return 'statements';
  const at = sql.search(/--\s*carthub\b/i);
  if (/^--\s*carthub\b\s*:/i.test(line)) {
    throw new DirectiveError(`${file} begins with an unknown instruction: ${line}`, {
      remedy: `Write it exactly so, or as an ordinary comment: ${NO_TRANSACTION}`,
      place: placeAt(file, sql, at),
    });
  }
  return 'transaction';
}
