import { CarthubError } from '../errors.ts';

/** The instance could not be restored as it is now, so it is not migrated. */
export class InstanceNotRestorableError extends CarthubError {
  override readonly name = 'InstanceNotRestorableError';
}

/** The instance is not there, or is busy with something else. */
export class InstanceNotAvailableError extends CarthubError {
  override readonly name = 'InstanceNotAvailableError';
}

/** The instance does not meet what this system requires of a production database. */
export class InstanceNotCompliantError extends CarthubError {
  override readonly name = 'InstanceNotCompliantError';
}

/** The snapshot ended in a state that is not available. */
export class SnapshotFailedError extends CarthubError {
  override readonly name = 'SnapshotFailedError';
}

/** The snapshot takes longer than we wait. */
export class SnapshotTimeoutError extends CarthubError {
  override readonly name = 'SnapshotTimeoutError';
}

/** A snapshot of this name is there and was not made by this run. */
export class SnapshotNameTakenError extends CarthubError {
  override readonly name = 'SnapshotNameTakenError';
}
