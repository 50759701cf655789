import { CarthubError } from '../../lib/errors.ts';

/** serverless.yml or what it includes says something that the local deployment does not understand. */
export class StackError extends CarthubError {
  override readonly name = 'StackError';
}

/** @param place file and keys */
export function refusal(place: string, what: string): StackError {
  return new StackError(`${place}: ${what}`, {
    remedy: 'Change it there, or teach local/stack/ what it means.',
  });
}
