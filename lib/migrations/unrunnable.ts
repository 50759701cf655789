import { CarthubError } from '../errors.ts';
import type { ReleaseFile } from './release.ts';

/** A file that is to be applied is none that any server would run, as its text alone tells. */
export class UnrunnableFileError extends CarthubError {
  override readonly name = 'UnrunnableFileError';
}

/**
 * Refuses the first file whose text was found wrong when the release was made: a mistake in its SQL, a transaction of its own,
 * what needs no transaction. A file that is applied already may say what it likes.
 *
 * @throws UnrunnableFileError
 */
export function refuseUnrunnable(pending: readonly ReleaseFile[]): void {
  const [first, ...others] = pending.filter(({ refusal }) => refusal);
  if (!first?.refusal) return;
  const { message, remedy, place } = first.refusal;
  const more = others.map(({ file }) => file).join(', ');
  throw new UnrunnableFileError(`${message}${more === '' ? '' : ` So it is with ${more}.`}`, {
    remedy: remedy ?? 'Correct the SQL.',
    place,
  });
}
