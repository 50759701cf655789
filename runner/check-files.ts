import type { Client } from 'pg';
import type { JournalRow } from '../lib/journal/journal.ts';
import { readStepJournal } from '../lib/journal/journal.ts';
import { stepStates } from '../lib/journal/steps.ts';
import { byHead, parse, type Statement, type Unreadable } from '../lib/migrations/parse.ts';
import { refuse, refuseUnreadable } from '../lib/migrations/refuse.ts';
import type { ReleaseFile } from '../lib/migrations/release.ts';
import { placeOf } from '../lib/postgres/place.ts';
import { sqlState } from '../lib/postgres/sql-state.ts';
import { PartlyAppliedFileChangedError, StepInDoubtError } from './errors.ts';

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
 * @throws what {@link refuse} and {@link refuseUnreadable} throw; StepInDoubtError, PartlyAppliedFileChangedError
 */
export async function checkFiles(client: Client, pending: readonly ReleaseFile[]): Promise<CheckedFile[]> {
  const journal = await readStepJournal(
    client,
    pending.map((file) => file.version),
  );
  const checked: CheckedFile[] = [];
  for (const file of pending) {
    const firstStep = findFirstStep(
      file,
      journal.filter((row) => row.version === file.version),
    );
    const starts: number[] = [];
    for await (const statement of readStatements(client, file)) {
      refuse(file, statement);
      starts.push(statement.start);
    }
    checked.push({ file, starts, firstStep });
  }
  return checked;
}

/** The statements of a file; what our grammar cannot read but the server can counts as one. */
export async function* readStatements(client: Client, file: ReleaseFile): AsyncGenerator<Statement> {
  for await (const part of parse(file.sql)) {
    if ('statement' in part) yield part.statement;
    else if (await serverReads(client, part.unreadable)) yield byHead(part.unreadable.chunk);
    else refuseUnreadable(file, part.unreadable);
  }
}

/**
 * Lets the server's own grammar (15) judge what ours (18) rejects, without running it: a transaction that has failed
 * executes nothing, but every text is still parsed as a whole first. The leading SELECT is what it then refuses.
 */
async function serverReads(client: Client, { problem, chunk }: Unreadable): Promise<boolean> {
  if (problem !== 'syntax') return false;
  await client.query('begin');
  try {
    await client.query('select 1/0').catch(() => undefined);
    await client.query(`select; ${chunk.text}`);
    return false;
  } catch (error) {
    return sqlState(error) === IN_FAILED_TRANSACTION;
  } finally {
    await client.query('rollback');
  }
}

const IN_FAILED_TRANSACTION = '25P02';

/** From where a file goes on that an earlier run left in the middle. */
function findFirstStep(file: ReleaseFile, journal: readonly JournalRow[]): number {
  for (const [sha256, rows] of Map.groupBy(journal, (row) => row.sha256)) {
    const states = stepStates(rows);
    const [doubtful] = [...states].find(([, state]) => state === 'begun') ?? [];
    if (doubtful !== undefined) throw inDoubt(file, doubtful, rows);
    const done = [...states.values()].filter((state) => state === 'done').length;
    if (sha256 !== file.sha256 && done > 0) {
      throw new PartlyAppliedFileChangedError(
        `${file.file} was changed after ${done} of its statements were applied by run ${rows[0]?.runId}.`,
        {
          remedy: 'Put the file back as it was and let it finish; make the change in a new file.',
          place: placeOf(file.file),
        },
      );
    }
  }
  const states = stepStates(journal.filter((row) => row.sha256 === file.sha256));
  let step = 1;
  while (states.get(step) === 'done') step += 1;
  return step;
}

function inDoubt(file: ReleaseFile, step: number, rows: readonly JournalRow[]): StepInDoubtError {
  return new StepInDoubtError(
    `Statement ${step} of ${file.file} was begun by run ${rows.at(-1)?.runId}, and nobody knows how it ended.`,
    {
      remedy: `See what of it is in the database, undo that, then: carthub-db accept-state --reason TEXT. The statement runs again then.`,
      place: placeOf(file.file),
    },
  );
}
