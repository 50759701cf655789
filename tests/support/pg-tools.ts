import { expect, test } from '@jest/globals';
import { findTools, type Tools } from '../../lib/backups/tools.ts';
import { CarthubError } from '../../lib/errors.ts';

/** Where tests look for PostgreSQL's programs, as the runner does. */
export const TOOL_PLACES = { pgBin: process.env.PG_BIN ?? null, path: process.env.PATH ?? '' };

/** Of the version of the embedded server, which comes without them. */
export const pgTools: Tools | null = await find();

/**
 * Runs `tests` where pg_dump, pg_restore and pg_dumpall of PostgreSQL 15 are installed. Elsewhere one test stands for them, which
 * names what did not run; where CI_REQUIRES_PG_DUMP=1 says that they have to be there, it fails.
 */
export function withPgTools(what: string, tests: (tools: Tools) => void): void {
  if (pgTools) tests(pgTools);
  else
    test(`NOT RUN: ${what}, because pg_dump of PostgreSQL 15 is not here: apt-get install postgresql-client-15`, () => {
      expect(process.env.CI_REQUIRES_PG_DUMP).not.toBe('1');
    });
}

async function find(): Promise<Tools | null> {
  try {
    return await findTools(TOOL_PLACES, 15);
  } catch (error) {
    if (error instanceof CarthubError) return null;
    throw error;
  }
}
