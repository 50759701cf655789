import { CarthubError } from '../errors.ts';

/** The names have begun to change hands: this cutover can only be finished, or go back by its own way. */
export class CutoverOpenError extends CarthubError {
  override readonly name = 'CutoverOpenError';
}

/** The copy is not what it was to be. */
export class CopyInvalidError extends CarthubError {
  override readonly name = 'CopyInvalidError';
}

/** What answers under the application's own address is not the restored database. */
export class VerificationFailedError extends CarthubError {
  override readonly name = 'VerificationFailedError';
}

/** An instance that is none of ours has a name that the cutover needs. */
export class NameTakenError extends CarthubError {
  override readonly name = 'NameTakenError';
}

/** An instance is gone, or somebody gave it another name. */
export class InstanceVanishedError extends CarthubError {
  override readonly name = 'InstanceVanishedError';
}
