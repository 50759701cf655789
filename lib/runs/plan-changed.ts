import { CarthubError } from '../errors.ts';

/** What would be done is no longer what was agreed to. */
export class PlanChangedError extends CarthubError {
  override readonly name = 'PlanChangedError';
}
