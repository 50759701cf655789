import { CarthubError } from '../lib/errors.ts';

/** What the person asked for cannot be done as asked, found before anything was started: exit code 2. */
export abstract class InputError extends CarthubError {}

/** The command line itself is wrong. */
export class UsageError extends InputError {
  override readonly name = 'UsageError';
}

/** The folder for the local cloud's data cannot be used. */
export class DataFolderError extends InputError {
  override readonly name = 'DataFolderError';
}

/** The folder of migrations, or a file in it, is not what a release can be made of. */
export class MigrationsFolderError extends InputError {
  override readonly name = 'MigrationsFolderError';
}

/** The server of --server cannot be the one on which files are tried. */
export class ProvingServerError extends InputError {
  override readonly name = 'ProvingServerError';
}

/** The file of --prelude cannot be read, or the server refuses what it holds. */
export class PreludeError extends InputError {
  override readonly name = 'PreludeError';
}

/** No stack serves a database of that name. */
export class UnknownDatabaseError extends InputError {
  override readonly name = 'UnknownDatabaseError';
}

/** There is no backup of that id. */
export class UnknownBackupError extends InputError {
  override readonly name = 'UnknownBackupError';
}

/** There is a backup of that id, and its documents are not what they should be. */
export class UnreadableBackupError extends CarthubError {
  override readonly name = 'UnreadableBackupError';
}

/** AWS cannot be spoken to: no region, no credentials, or not allowed. */
export class AwsAccessError extends InputError {
  override readonly name = 'AwsAccessError';
}

/** The local cloud did not start, or went away while it was used. */
export class LocalCloudError extends CarthubError {
  override readonly name = 'LocalCloudError';
}

/** An execution is over and nobody has written down how it ended. */
export class MissingOutcomeError extends CarthubError {
  override readonly name = 'MissingOutcomeError';
}

/** Ctrl-C, or the process that started this one is gone. */
export class InterruptedError extends CarthubError {
  override readonly name = 'InterruptedError';
  /** 128 and the signal's number, as shells have it. */
  readonly exitCode: number;

  constructor(message: string, options: { remedy: string; exitCode: number }) {
    super(message, options);
    this.exitCode = options.exitCode;
  }
}

/** The server refused a query of the person's own. */
export class QueryError extends InputError {
  override readonly name = 'QueryError';
}
