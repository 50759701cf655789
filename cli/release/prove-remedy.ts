import { SqlError } from '../../lib/postgres/sql-error.ts';

/** What helps where files are tried, and not on the real database, which may well have what is missing here. */
const REMEDIES: readonly [RegExp, string][] = [
  [
    /^extension "[^"]*" is not available/,
    'Where the real database has it, try the files on a PostgreSQL 15 that has it too: --server URL',
  ],
  [
    /^permission denied to create extension/,
    'Where the platform makes it, say so in a file that runs before the first one: --prelude FILE',
  ],
  [
    /^(must be superuser|must be owner|permission denied)/,
    'If your platform has done or allowed that, say so in a file that runs before the first one: --prelude FILE; if not, the real database will refuse it too',
  ],
  [
    /^role "[^"]*" does not exist/,
    'Make it on the server or in --prelude FILE, or let the user of --server make it: ALTER ROLE ... CREATEROLE',
  ],
];

/** The error with the remedy that fits a trial, where there is one. */
export function withRemedy(error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  const { message, cause, place, sqlState } = error;
  const remedy = REMEDIES.find(([said]) => said.test(message))?.[1];
  return remedy === undefined ? error : new SqlError(message, { remedy, cause, place, sqlState });
}
