import { CarthubError } from '../errors.ts';

/** Writes of others would be lost, and nobody said in time that they may be. */
export class LossNotAcceptedError extends CarthubError {
  override readonly name = 'LossNotAcceptedError';
}

/** What others wrote cannot all be given to the copy, or it is not proved that it can. */
export class ReplayConflictError extends CarthubError {
  override readonly name = 'ReplayConflictError';
}
