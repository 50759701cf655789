import type { OutcomeRecord } from '../../lib/runs/record.ts';
import { PROGRAM } from '../program.ts';
import type { RestoreAccount } from '../restore/account.ts';
import { duration } from '../timeline/duration.ts';
import { backupLines } from './backup-lines.ts';
import { differenceLines } from './difference-lines.ts';
import { faultLines } from './fault-lines.ts';
import { finishLine, restoreLines } from './restore-lines.ts';

export type Hints = {
  flags: string;
  again: string;
  /** What shows how the schema differs from that of the same folder. */
  validate?: string;
};

/**
 * The last lines of a run: the outcome and the schema's version, in one sentence what became of the database, what went
 * wrong and where, and what to type next.
 *
 * @param hints what leads the next command to the same database (` --local`), and the whole command that starts it again
 * @param account what a restore left beside its outcome
 * @param zone the time zone in which moments are told besides UTC
 */
export function outcomeLines(
  record: OutcomeRecord,
  hints: Hints,
  account: RestoreAccount | null = null,
  zone = 'UTC',
): string[] {
  const { outcome, database, error, assessment, restore } = record;
  return [
    '',
    ...filesApplied(record),
    `${outcome}: ${database} ${versionOf(record)}.`,
    whatBecame(record),
    ...(restore === null ? [] : restoreLines(restore, account, zone)),
    ...(record.backup === null ? [] : backupLines(record.backup)),
    // What helps then is the first of what is next.
    ...(error === null ? [] : ['', ...faultLines(outcome === 'NeedsAcceptance' ? { ...error, remedy: null } : error)]),
    ...(record.unproven ? [`Note: ${record.unproven}`] : []),
    ...[...notesOf(assessment), ...record.notes].map((note) => `Note: ${note}`),
    ...leftLines(record),
    ...warningLines(record.warnings),
    '',
    'Next:',
    ...next(record, hints, account).map((line) => `  ${line}`),
  ];
}

/** Of a database that was put back the differences are those for which it was: they are where they were made. */
function leftLines({ differences, restore }: OutcomeRecord): string[] {
  const lines = differenceLines(differences);
  const isGone = restore?.done === true && restore.retired !== null && lines.length > 0;
  return isGone ? ['', `For this it was put back; it is so on ${restore.retired} alone:`, ...lines.slice(1)] : lines;
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

function versionOf({ outcome, kind, version: { before, after } }: OutcomeRecord): string {
  if (kind === 'backup' && outcome !== 'BackedUp') return 'is not backed up';
  if (kind === 'backup') return after === null ? 'is backed up' : `is backed up at version ${after}`;
  if (kind === 'drill' && outcome !== 'Refused') return outcome === 'DrillFailed' ? 'is as it was' : 'can be restored';
  if (after === null && kind === 'restore') return outcome === 'Restored' ? 'is restored' : 'is not restored';
  if (after === null && before === null) return outcome === 'Refused' ? 'is as it was' : 'was not looked at';
  if (after === null) return `was at version ${before}`;
  return before === null || before === after
    ? `is at version ${after}`
    : `is at version ${after} (it was at ${before})`;
}

function whatBecame(record: OutcomeRecord): string {
  const { outcome, kind, assessment, resumeAt, restore, error } = record;
  switch (outcome) {
    case 'Migrated':
      if (record.unproven)
        return 'Every file is applied, each of them whole; what schema they should have made, nobody knows.';
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
      return 'The database was put back to the moment before this run, and that was verified.';
    case 'Drilled':
      return 'The backup was restored into an instance of its own, and schema, rows and extensions are those of its manifest.';
    case 'DrillFailed':
      return 'The backup was not restored, or not as it was made. The database that serves was not touched.';
    case 'Restored':
      if (kind === 'drill')
        return 'The backup is restored into the instance that was named, and compared with its manifest. The database that serves was not touched.';
      return 'The restored instance serves under the old name, and that was verified.';
    case 'NeedsAcceptance':
      return 'Rows would be lost that nobody has accepted. The old instance serves as before, nothing is lost, and the copy is kept.';
    case 'FailedKept': {
      if (kind === 'restore')
        return 'It was not put back: the names are as they were, and nothing that was written is lost.';
      const why =
        assessment?.state === 'Dirty'
          ? `No version describes the database (${assessment.reason.replace(/\.$/, '')})`
          : 'The database could not be looked at; the sweeper does that when it answers again';
      return `${why}. It is kept as it is and marked dirty, so that no migration touches it. ${restore?.reason ?? ''}`.trim();
    }
    case 'BackedUp':
      return 'The backup is in S3, and what was read back is what was counted in the database.';
    case 'FailedBackup':
      return 'There is no backup of this run, and nothing in S3 looks like one; the database is as it was.';
    case 'FailedVerification':
      return 'There is a backup, and it does not count: it could not be read back as it was made.';
    case 'Accepted':
      return 'The database is taken as it is, the mark is gone, and who took it and why is on record.';
    default:
      return 'This version of carthub-db does not know that outcome.';
  }
}

function shown({ backup }: OutcomeRecord, flags: string): string[] {
  return backup === null ? [] : [`everything of this one: ${PROGRAM} backups show ${backup.id}${flags}`];
}

function notesOf(assessment: OutcomeRecord['assessment']): string[] {
  return assessment === null || assessment.state === 'Unassessed' ? [] : assessment.notes;
}

/** The old instance serves again, so that what a person read is not all that there will be. */
const MORE_BY_THEN =
  'the application writes on: if more rows would be lost by then, you are asked again; --accept-loss all covers whatever it is';

function next(record: OutcomeRecord, { flags, again, validate }: Hints, account: RestoreAccount | null): string[] {
  const { outcome, kind, run, snapshot, error, restore } = record;
  const finish = restore === null ? null : finishLine(restore, account, flags);
  const status = `${PROGRAM} status${flags}`;
  switch (outcome) {
    case 'Migrated':
    case 'NothingToDo':
      return [
        `${PROGRAM} query${flags} "select version, name, run_at from carthub_db.schemaversion order by version"`,
        ...(flags.includes(' --local') ? [`${PROGRAM} local up${flags.replace(/^.* --local/, '')}`] : []),
      ];
    case 'FailedUntouched':
    case 'FailedPartway':
      return [`mend the file, then: ${again}`];
    case 'FailedRestored':
      return [`which file did it is in the quarantine: ${PROGRAM} quarantine${flags}`, `mend the file, then: ${again}`];
    case 'Drilled':
    case 'DrillFailed':
      return [`${PROGRAM} backups${flags}`];
    case 'Restored':
      if (kind === 'drill') return [`${PROGRAM} backups${flags}`];
      return [`see that the database is as it should be: ${PROGRAM} query${flags} SQL`, status];
    case 'NeedsAcceptance':
      return [...(finish === null ? [] : [`accept the loss and finish: ${finish}`, MORE_BY_THEN]), status];
    case 'FailedKept':
      if (kind === 'restore')
        return finish === null ? [again] : [`go on with it: ${finish}`, `or look at a plan first: ${again}`];
      return [
        `look at the database: ${PROGRAM} query${flags} "select * from carthub_db.journal order by id desc"`,
        ...(snapshot === null ? [] : [`the snapshot from before the run is ${snapshot}`]),
        ...(finish === null ? [] : [`put it back: ${finish}`]),
        `take it as it is: ${PROGRAM} accept-state${flags} --reason "why run ${run} is all right"`,
      ];
    case 'BackedUp':
      return [`all that there are: ${PROGRAM} backups${flags}`, ...shown(record, flags)];
    case 'FailedBackup':
      return [`once that is put right: ${again}`];
    case 'FailedVerification':
      return [`make another one: ${again}`, ...shown(record, flags)];
    case 'Accepted':
      return [again];
    default:
      return [
        ...(error?.name === 'DriftError'
          ? [
              `look at all of it: ${validate ?? `${PROGRAM} validate${flags}`}`,
              `migrate in spite of it: ${again.replace(/ --on-drift \S+/, '')} --on-drift list`,
            ]
          : []),
        ...(error?.name === 'UnrunnableFileError' ? [`mend the file, then: ${again}`] : []),
        status,
        ...(error?.name === 'DatabaseDirtyError'
          ? [
              `${PROGRAM} accept-state${flags} --reason TEXT`,
              `or put it back: ${PROGRAM} restore${flags} --plan --before-run RUN`,
            ]
          : []),
      ];
  }
}
