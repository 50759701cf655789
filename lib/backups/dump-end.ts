import { basename } from 'node:path';
import { redact } from '../postgres/redact.ts';
import { DumpFailedError } from './errors.ts';
import type { ProgramEnd } from './program.ts';

/**
 * Warnings that say nothing about what is in the dump. Circular foreign keys concern who restores data alone, and a whole dump has
 * its constraints after its data.
 */
const HARMLESS = [/warning: there are circular foreign-key constraints/];

/**
 * The lines of a program's standard error that may be logged: what it did not say as a reason to fail.
 *
 * @throws DumpFailedError when it did not end well, or warned of a hole in what it wrote
 */
export function judgeEnd(file: string, { code, signal, said }: ProgramEnd): string[] {
  const program = basename(file);
  if (signal !== null) throw failed(`${program} was ended by ${signal}`, said);
  if (code !== 0) throw failed(`${program} ended with exit code ${code}`, said);
  const bad = said
    .filter((line) => /^pg_\w+: (error|fatal|warning):/.test(line))
    .filter((line) => !HARMLESS.some((one) => one.test(line)));
  if (bad.length > 0) throw failed(`${program} ended well, but warned`, bad);
  return said;
}

function failed(what: string, said: readonly string[]): DumpFailedError {
  const words = said.length > 0 ? `: ${redact(said.slice(0, 12).join('\n')).slice(0, 2_000)}` : ', and said nothing';
  return new DumpFailedError(`${what}${words}`, { remedy: remedyFor(said.join('\n')) });
}

function remedyFor(said: string): string {
  if (/permission denied|row-level security/.test(said)) {
    return "Grant the role of the database's secret to read every table (on PostgreSQL 14 and later: grant pg_read_all_data), and BYPASSRLS where there are policies.";
  }
  if (/lock timeout|could not obtain lock/.test(said)) {
    return 'Another session holds a table for long: find it in pg_stat_activity and pg_locks, and start the backup again.';
  }
  if (/server closed the connection|terminating connection|connection to server/.test(said)) {
    return 'The connection broke: look for a failover, an ended session or the network, and start the backup again.';
  }
  if (/could not find function|library|extension/.test(said)) {
    return 'An extension of the database is broken: correct it, and start the backup again.';
  }
  return 'Correct what it says, and start the backup again. Nothing of this run counts as a backup.';
}
