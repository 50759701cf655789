import { CarthubError } from '../lib/errors.ts';

/** The local cloud cannot start on its data folder, or what it started went away. */
export class LocalCloudStartError extends CarthubError {
  override readonly name = 'LocalCloudStartError';
}
