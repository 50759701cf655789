import { basename, delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder with package.json. */
export const CHECKOUT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * How to type this program again from where it was typed. `npx carthub-db` finds it in a checkout only: outside of one npx asks
 * the public registry for a package of that name, which is not ours.
 *
 * @param startedAs the path that a shell found, or that was given to node
 */
export function programName(given: {
  startedAs: string;
  cwd: string;
  checkout: string;
  env: Record<string, string | undefined>;
}): string {
  const { startedAs, cwd, checkout, env } = given;
  // npx puts its own folders before the path, so that it is asked first.
  if (env.npm_command === 'exec') return 'npx carthub-db';
  const isFound = (env.PATH ?? '').split(delimiter).includes(dirname(startedAs));
  if (basename(startedAs) === 'carthub-db' && isFound) return 'carthub-db';
  const isInside = !relative(checkout, cwd).startsWith('..');
  return isInside ? 'npx carthub-db' : `node ${quoted(join(checkout, 'cli/bin.js'))}`;
}

/** The program's name in all that is told to be typed. */
export const PROGRAM = programName({
  // Set by cli/bin.js, which may have handed over to another Node.
  startedAs: process.env.CARTHUB_DB_STARTED_AS ?? '',
  ...{ cwd: process.cwd(), checkout: CHECKOUT, env: process.env },
});
