import { CarthubError } from '../lib/errors.ts';

/** The embedded PostgreSQL cannot run on this machine or in this folder. */
export class EmbeddedPostgresError extends CarthubError {
  override readonly name = 'EmbeddedPostgresError';
}
