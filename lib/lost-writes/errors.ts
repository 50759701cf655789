import { CarthubError } from '../errors.ts';

/** The role may not write rows without firing triggers. */
export class ReplayNotPermittedError extends CarthubError {
  override readonly name = 'ReplayNotPermittedError';
}
