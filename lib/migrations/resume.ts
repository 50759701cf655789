import { createHash } from 'node:crypto';
import { CarthubError } from '../errors.ts';
import type { JournalRow } from '../journal/journal.ts';
import { finished, runsAgain, stepsOf } from '../journal/steps.ts';
import { placeAt, placeOf } from '../postgres/place.ts';
import { LateFileError, MissingFileError } from './history.ts';
import { NO_TRANSACTION } from './mode.ts';
import type { ReleaseFile } from './release.ts';

/** A statement outside a transaction was begun and nobody knows how it ended. */
export class StepInDoubtError extends CarthubError {
  override readonly name = 'StepInDoubtError';
}

/** A file of which some statements are done was changed in those. */
export class PartlyAppliedFileChangedError extends CarthubError {
  override readonly name = 'PartlyAppliedFileChangedError';
}

type File = Pick<ReleaseFile, 'version' | 'file' | 'sha256' | 'sql' | 'mode'>;

/** A statement as a release has it: where it starts in its file, and the SHA-256 of its text. */
export type StatementText = { start: number; sha256: string };

/** Blanks after a last statement are no part of it: a semicolon may come there. */
export function hashStatement(sql: string): string {
  return createHash('sha256').update(sql.trimEnd()).digest('hex');
}

/**
 * The first statement of a file to run, from 1. A file that an earlier run left in the middle goes on after the statements
 * that count as done; those must be the same as they were, and everything after them may be changed or removed.
 *
 * @param journal what all runs wrote of statements of this version
 * @throws StepInDoubtError, PartlyAppliedFileChangedError
 */
export function findFirstStep(
  file: File,
  statements: readonly StatementText[],
  journal: readonly JournalRow[],
): number {
  const steps = stepsOf(journal);
  const doubtful = steps.find(({ state }) => state === 'unknown');
  if (doubtful) throw inDoubt(file, doubtful.number, doubtful.row.runId);
  const done = finished(steps);
  for (const { number, statement, row } of done) {
    const now = statements[number - 1];
    if (file.mode === 'statements' && now && statement === now.sha256) continue;
    // An older runner kept no text of statements, only that of the whole file.
    if (statement === null && row.sha256 === file.sha256) continue;
    throw changed(file, done.length, number, row, now ?? null);
  }
  return done.length + 1;
}

/**
 * Refuses a release that would leave behind what an earlier run did to a file that is not whole.
 *
 * @param journal what all runs wrote of statements of files that are not whole
 * @throws MissingFileError, LateFileError
 */
export function refuseUnfinished(
  journal: readonly JournalRow[],
  pending: readonly Pick<File, 'version' | 'file'>[],
): void {
  for (const [version, rows] of Map.groupBy(journal, (row) => row.version)) {
    const steps = stepsOf(rows).filter((step) => !runsAgain(step));
    const [first] = steps;
    if (!first) continue;
    const { file, runId } = first.row;
    const begun = `${file} was begun by run ${runId} and is not whole`;
    if (!pending.some((each) => each.version === version)) {
      throw new MissingFileError(`${begun}, but this release has no version ${version}.`, {
        remedy: `Bring the file back: what is done of it must stay, statement ${steps.length + 1} and the rest may be removed.`,
      });
    }
    const earlier = pending.find((each) => each.version < version);
    if (earlier) {
      throw new LateFileError(`${earlier.file} comes before ${file}; and ${begun}.`, {
        remedy: `Give it a version above ${version}.`,
        place: placeOf(earlier.file),
      });
    }
  }
}

function inDoubt(file: File, step: number, run: string): StepInDoubtError {
  return new StepInDoubtError(
    `Statement ${step} of ${file.file} was begun by run ${run}, and nobody knows how it ended.`,
    {
      remedy: `See what of it is in the database. To run it again, undo that, then: carthub-db accept-state --reason TEXT. To go on after it: carthub-db accept-state --reason TEXT --resume-at ${file.file}:${step + 1}`,
      place: placeOf(file.file),
    },
  );
}

function changed(
  file: File,
  done: number,
  step: number,
  row: JournalRow,
  now: StatementText | null,
): PartlyAppliedFileChangedError {
  const what =
    file.mode === 'transaction'
      ? `${file.file} is to run in one transaction now, after ${done} of its statements were applied by run ${row.runId}`
      : now === null
        ? `${file.file} has no statement ${step} any more, which run ${row.runId} has applied`
        : `Statement ${step} of ${file.file} is not the one that run ${row.runId} has applied`;
  const kept =
    done === 1 ? 'Its first statement must stay as it was' : `Its first ${done} statements must stay as they were`;
  return new PartlyAppliedFileChangedError(`${what}.`, {
    remedy: `${kept}, below the line ${NO_TRANSACTION}; those after may be changed or removed.`,
    place: now === null || file.mode === 'transaction' ? placeOf(file.file) : placeAt(file.file, file.sql, now.start),
  });
}
