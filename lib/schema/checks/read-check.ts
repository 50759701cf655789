import { CarthubError } from '../../errors.ts';
import { parse, type Statement } from '../../migrations/parse.ts';
import { refuse, refuseUnreadable } from '../../migrations/refuse.ts';
import { placeAt } from '../../postgres/place.ts';
import type { Check, Step } from './check.ts';

/** A file of checks does not say what it must, or says something that would check nothing. */
export class CheckFileError extends CarthubError {
  override readonly name = 'CheckFileError';
}

const VERSIONS = /^-- versions: (\d+)\.\.(\d+)?$/;
const SAFE = '-- safe on a real database';
const PROMISE = /^-- (?:refuses ([0-9A-Z]{5})(?: (\S+))?|(holds|uses an index|reports)): (.+)$/;

/**
 * Reads a file of checks. Its first line is `-- versions: FROM..` or `-- versions: FROM..TO`; below it may stand `-- safe on a real database`, and
 * then what it is about. Each statement has a comment above it that says what must come of it:
 *
 * - `-- refuses 23514 check_positive_price: WHAT`: it fails with this SQLSTATE, of this constraint when one is named
 * - `-- holds: WHAT`: it returns one row with one true
 * - `-- uses an index: WHAT`: the planner reads every table in it by an index, and each holds 100,000 rows or more
 * - `-- reports: WHAT`: its rows go into the report
 * - none: it prepares, and must not fail
 *
 * @throws CheckFileError, and what {@link refuse} throws: the whole file is one transaction
 */
export async function readCheck(file: string, text: string): Promise<Check> {
  const { from, to, safe, title } = readHeader(file, text);
  const source = { file, sql: text, mode: 'transaction' as const };
  const steps: Step[] = [];
  let end = 0;
  for await (const part of parse(text)) {
    if ('unreadable' in part) refuseUnreadable(source, part.unreadable);
    refuse(source, part.statement);
    steps.push(readStep(file, text, end, part.statement));
    end = part.statement.start + part.statement.sql.length;
  }
  if (!steps.some(({ says }) => says !== null)) throw problem(file, text, 0, 'It promises nothing.');
  return { file, text, title, from, to, safe, steps };
}

function readHeader(file: string, text: string): Pick<Check, 'from' | 'to' | 'safe' | 'title'> {
  const [first = '', ...lines] = text.split('\n');
  const [, from, to] = VERSIONS.exec(first) ?? [];
  if (from === undefined) throw problem(file, text, 0, 'Its first line is not: -- versions: FROM..TO');
  const safe = lines[0] === SAFE;
  const title = lines.slice(safe ? 1 : 0).slice(
    0,
    lines.slice(safe ? 1 : 0).findIndex((line) => !line.startsWith('-- ')),
  );
  if (to !== undefined && Number(to) < Number(from))
    throw problem(file, text, 0, 'It holds up to a version below the first.');
  if (title.length === 0) throw problem(file, text, first.length + 1, 'Its header does not say what it is about.');
  return {
    from: Number(from),
    to: to === undefined ? null : Number(to),
    safe,
    title: title.map((line) => line.slice(3)).join(' '),
  };
}

function readStep(file: string, text: string, end: number, { sql, start, head }: Statement): Step {
  const above = text.slice(end, start).trimEnd().split('\n').at(-1)?.trimStart() ?? '';
  const [, sqlState, constraint, word, says] = PROMISE.exec(above) ?? [];
  if (says === undefined) {
    // A promise that is misspelt would else be one that nobody keeps.
    if (head === 'SELECT')
      throw problem(file, text, start, 'This SELECT has no promise above it, and so checks nothing.');
    return { sql, start, says: null, must: { end: 'well' } };
  }
  if (sqlState !== undefined) {
    return { sql, start, says, must: { end: 'refused', sqlState, constraint: constraint ?? null } };
  }
  return { sql, start, says, must: { end: word === 'holds' ? 'true' : word === 'reports' ? 'reported' : 'by index' } };
}

function problem(file: string, text: string, at: number, why: string): CheckFileError {
  return new CheckFileError(`${file}: ${why}`, {
    remedy: 'Write it as the other files of migrations/checks are written.',
    place: placeAt(file, text, at),
  });
}
