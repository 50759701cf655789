import { CarthubError } from '../errors.ts';

/** Another execution has the database. */
export class LeaseHeldError extends CarthubError {
  override readonly name = 'LeaseHeldError';
}

/** Another execution has the database, and whoever asks is ready to wait. */
export class LeaseBusyError extends CarthubError {
  override readonly name = 'LeaseBusyError';
}

/** The sweeper is finding out what a dead run left; it will not take long. */
export class LeaseRecoveringError extends CarthubError {
  override readonly name = 'LeaseRecoveringError';
}

/** The holder's execution is over and it did not free the lease: somebody has to sweep. */
export class LeaseAbandonedError extends CarthubError {
  override readonly name = 'LeaseAbandonedError';
}

/** We are not, or no longer, the holder. */
export class LeaseLostError extends CarthubError {
  override readonly name = 'LeaseLostError';
}

/** The database carries the dirty mark. */
export class DatabaseDirtyError extends CarthubError {
  override readonly name = 'DatabaseDirtyError';
}

/** A run of this name has its outcome already: a redrive, or a name used again. */
export class RunOverError extends CarthubError {
  override readonly name = 'RunOverError';
}

/** There is no dirty mark to take away. */
export class DatabaseNotDirtyError extends CarthubError {
  override readonly name = 'DatabaseNotDirtyError';
}
