import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { duration } from '../timeline/duration.ts';
import { differenceLines } from './difference-lines.ts';
import { faultLines } from './fault-lines.ts';

export type Hints = { flags: string; again: string };

/**
 * The last lines of a run: the outcome and the schema's version, in one sentence what became of the database, what went
 * wrong and where, and what to type next.
 *
 * @param hints what leads the next command to the same database (` --local`), and the whole command that starts it again
 */
export function outcomeLines(record: OutcomeRecord, hints: Hints): string[] {
  const { outcome, database, error, assessment } = record;
  return [
    '',
    ...filesApplied(record),
    `${outcome}: ${database} ${versionOf(record)}.`,
    whatBecame(record),
    ...(error === null ? [] : ['', ...faultLines(error)]),
    ...[...notesOf(assessment), ...record.notes].map((note) => `Note: ${note}`),
    ...differenceLines(record.differences),
    ...warningLines(record.warnings),
    '',
    'Next:',
    ...next(record, hints).map((line) => `  ${line}`),
  ];
}

const SHOWN_WARNINGS = 5;

function warningLines(warnings: OutcomeRecord['warnings']): string[] {
  const shown = warnings.slice(0, SHOWN_WARNINGS).map(({ message }) => `Warning: ${message}`);
  const more = warnings.length - shown.length;
  return ['', ...shown, ...(more > 0 ? [`and ${more} more warnings, in --json`] : [])].slice(shown.length > 0 ? 0 : 1);
}

const SHOWN_FILES = 20;

function filesApplied({ files }: OutcomeRecord): string[] {
  if (files.length === 0) return [];
  const all = files.length <= SHOWN_FILES;
  const shown = all ? files : files.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SHOWN_FILES);
  const took = duration(files.reduce((sum, { durationMs }) => sum + durationMs, 0));
  const head = `${files.length === 1 ? '1 file' : `${files.length} files`} applied in ${took}, `;
  return [`${head}${all ? 'in this order:' : 'of which the longest:'}`, ...shown.map(fileLine), ''];
}

function fileLine({ file, durationMs }: { file: string; durationMs: number }): string {
  return `  ${file.padEnd(48)} ${duration(durationMs)}`;
}

function versionOf({ version: { before, after } }: OutcomeRecord): string {
  if (after === null) return before === null ? 'was not looked at' : `was at version ${before}`;
  return before === null || before === after
    ? `is at version ${after}`
    : `is at version ${after} (it was at ${before})`;
}

function whatBecame(record: OutcomeRecord): string {
  const { outcome, assessment, resumeAt, restore, error } = record;
  switch (outcome) {
    case 'Migrated':
      return error === null
        ? `Every file is applied, and ${record.differences.length === 0 ? 'the schema is the one that the files make' : 'all that this run was to make is as the files make it'}.`
        : 'Something failed after every file was applied; the schema was looked at, and it is the one that the files make.';
    case 'NothingToDo':
      return 'It has every file already; no snapshot was made and no Job was started.';
    case 'Refused':
      return 'Nothing was started; the database is as it was.';
    case 'FailedUntouched':
      return 'Nothing of this run is committed: journal, history and schema prove that the database is as it was.';
    case 'FailedPartway':
      return resumeAt === null
        ? 'It stopped between two files: those before are applied whole, the one that failed left nothing.'
        : `It stopped cleanly in ${resumeAt.file}; the next run goes on with statement ${resumeAt.step}.`;
    case 'FailedRestored':
      return 'The database was put back to the moment before this run.';
    case 'FailedKept': {
      const why =
        assessment?.state === 'Dirty'
          ? `No version describes the database (${assessment.reason.replace(/\.$/, '')})`
          : 'The database could not be looked at; the sweeper does that when it answers again';
      return `${why}. It is kept as it is and marked dirty, so that no migration touches it. ${restore?.reason ?? ''}`.trim();
    }
    case 'Accepted':
      return 'The database is taken as it is, the mark is gone, and who took it and why is on record.';
    default:
      return 'This version of carthub-db does not know that outcome.';
  }
}

function notesOf(assessment: OutcomeRecord['assessment']): string[] {
  return assessment === null || assessment.state === 'Unassessed' ? [] : assessment.notes;
}

function next({ outcome, run, snapshot, error }: OutcomeRecord, { flags, again }: Hints): string[] {
  const story = `npx carthub-db status${flags}`;
  switch (outcome) {
    case 'Migrated':
    case 'NothingToDo':
      return [
        `npx carthub-db query${flags} "select version, name, run_at from carthub_db.schemaversion order by version"`,
        ...(flags.startsWith(' --local') ? [`npx carthub-db local up${flags.replace(' --local', '')}`] : []),
      ];
    case 'FailedUntouched':
    case 'FailedPartway':
      return [`mend the file, then: ${again}`];
    case 'FailedKept':
      return [
        `look at the database: npx carthub-db query${flags} "select * from carthub_db.journal order by id desc"`,
        ...(snapshot === null ? [] : [`the snapshot from before the run is ${snapshot}`]),
        `take it as it is: npx carthub-db accept-state${flags} --reason "why run ${run} is all right"`,
      ];
    case 'Accepted':
      return [again];
    default:
      return [
        story,
        ...(error?.name === 'DatabaseDirtyError' ? [`npx carthub-db accept-state${flags} --reason TEXT`] : []),
      ];
  }
}
