import { CarthubError } from '../../lib/errors.ts';

/** A state machine that AWS would refuse, or that uses what the local cloud does not run. */
export class DefinitionError extends CarthubError {
  override readonly name = 'DefinitionError';
}
