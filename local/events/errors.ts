import { CarthubError } from '../../lib/errors.ts';

/** A rule or a schedule that AWS would refuse, or that uses what the local cloud does not have. */
export class RuleError extends CarthubError {
  override readonly name = 'RuleError';
}

export function refusal(what: string): RuleError {
  return new RuleError(what, { remedy: 'Change it in resources/, or teach local/events/ what it needs.' });
}
