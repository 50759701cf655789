import { CarthubError } from '../errors.ts';

/** pg_dump and its sisters are not installed, or not where we were told to look. Nothing was started. */
export class BackupToolMissingError extends CarthubError {
  override readonly name = 'BackupToolMissingError';
}

/** The installed pg_dump is of another major version than the server, older or newer. Nothing was started. */
export class BackupToolVersionError extends CarthubError {
  override readonly name = 'BackupToolVersionError';
}

/** S3 or the database does not let us do what a backup needs. */
export class BackupPermissionError extends CarthubError {
  override readonly name = 'BackupPermissionError';
}

/** The bucket is not there, or is not one that backups may be trusted to. */
export class BackupBucketError extends CarthubError {
  override readonly name = 'BackupBucketError';
}

/** The encryption key is disabled, gone or not ours to use. */
export class EncryptionKeyError extends CarthubError {
  override readonly name = 'EncryptionKeyError';
}

/** Two of the clocks that date a backup (ours, S3's, the database's) are too far apart. */
export class ClockSkewError extends CarthubError {
  override readonly name = 'ClockSkewError';
}

/** pg_dump or pg_dumpall did not end well, or said something that means a hole in the dump, or ended short. */
export class DumpFailedError extends CarthubError {
  override readonly name = 'DumpFailedError';
}

/** S3 did not take the dump, or answered something else than what was sent. */
export class UploadFailedError extends CarthubError {
  override readonly name = 'UploadFailedError';
}

/** Another run has made the backup of this id. */
export class BackupExistsError extends CarthubError {
  override readonly name = 'BackupExistsError';
}

/** There is no manifest of this id, so there is no such backup. */
export class BackupNotFoundError extends CarthubError {
  override readonly name = 'BackupNotFoundError';
}

/** What is stored is not what the manifest says: an object is missing, changed or cut, or its rows are not those that were counted. */
export class BackupDamagedError extends CarthubError {
  override readonly name = 'BackupDamagedError';
}

/** The manifest names what cannot be of its backup. */
export class ManifestContradictsError extends CarthubError {
  override readonly name = 'ManifestContradictsError';
}

/** The database that a backup was to be restored into has objects in it, or is of another version. Nothing was changed. */
export class RestoreTargetError extends CarthubError {
  override readonly name = 'RestoreTargetError';
}

/** pg_restore or the roles' script failed: what is in the target is not the backup. */
export class RestoreFailedError extends CarthubError {
  override readonly name = 'RestoreFailedError';
}

/** Restored, and not the same: rows, extensions or schema. */
export class RestoreDiffersError extends CarthubError {
  override readonly name = 'RestoreDiffersError';
}

/** Nobody has named the runner's image, and no run has left word of one. */
export class BackupImageMissingError extends CarthubError {
  override readonly name = 'BackupImageMissingError';
}

/** Somebody else has taken the database, who may: a restore goes before a backup. */
export class BackupPreemptedError extends CarthubError {
  override readonly name = 'BackupPreemptedError';
}
