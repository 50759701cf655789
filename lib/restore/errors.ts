import { CarthubError } from '../errors.ts';

/** The restore cannot or must not be done; nothing was begun, or what was begun goes no further. */
export class RestoreRefusedError extends CarthubError {
  override readonly name = 'RestoreRefusedError';
}

/** The moment or the snapshot to go back to is not known, not this database's, or no longer in store. */
export class RestoreTargetError extends CarthubError {
  override readonly name = 'RestoreTargetError';
}

/** Something that had to happen did not within its time. */
export class RestoreOverdueError extends CarthubError {
  override readonly name = 'RestoreOverdueError';
}

/** The copy is in a status from which it does not come back by itself, or it is gone. */
export class CopyFailedError extends CarthubError {
  override readonly name = 'CopyFailedError';
}

/** The copy has other settings than the instance that it is to replace, and nothing explains it. */
export class SettingsDifferError extends CarthubError {
  override readonly name = 'SettingsDifferError';
}
