import type { Client } from 'pg';
import { readOpenSteps } from '../lib/journal/journal.ts';
import { readStatements } from '../lib/migrations/read-statements.ts';
import { refuse } from '../lib/migrations/refuse.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { findFirstStep, hashStatement, refuseUnfinished, type StatementText } from '../lib/migrations/resume.ts';

/** A pending file that may run. */
export type CheckedFile = {
  file: ReleaseFile;
  /** Where each of its statements starts in its text. */
  starts: number[];
  /** The first statement to run, from 1: those before it are done since an earlier run. */
  firstStep: number;
};

/**
 * Reads every pending file to its end before the first of them runs.
 *
 * @throws what {@link refuse}, {@link readStatements}, {@link refuseUnfinished} and {@link findFirstStep} throw
 */
export async function checkFiles(client: Client, pending: readonly ReleaseFile[]): Promise<CheckedFile[]> {
  const open = await readOpenSteps(client);
  refuseUnfinished(open, pending);
  const checked: CheckedFile[] = [];
  for (const file of pending) {
    const steps = open.filter((row) => row.version === file.version);
    const statements: StatementText[] = [];
    const starts: number[] = [];
    for await (const statement of readStatements(client, file)) {
      refuse(file, statement);
      starts.push(statement.start);
      if (steps.length > 0) statements.push({ start: statement.start, sha256: hashStatement(statement.sql) });
    }
    checked.push({ file, starts, firstStep: findFirstStep(file, statements, steps) });
  }
  return checked;
}
