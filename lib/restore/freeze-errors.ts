import { CarthubError } from '../errors.ts';

/** The database is not frozen any more, or was never: what other sessions wrote by now is in nobody's count. */
export class FreezeExpiredError extends CarthubError {
  override readonly name = 'FreezeExpiredError';
}

/** It cannot be shown that nobody but us writes to the database. */
export class FreezeNotProvedError extends CarthubError {
  override readonly name = 'FreezeNotProvedError';
}
