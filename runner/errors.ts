import { CarthubError } from '../lib/errors.ts';
import { redact } from '../lib/postgres/redact.ts';

/** An environment variable or an argument is missing or wrong: those in `inputs`. Nothing was started. */
export class RunnerInputError extends CarthubError {
  override readonly name = 'RunnerInputError';
  readonly inputs: readonly string[];

  constructor(message: string, options: { remedy: string; cause?: unknown; inputs: readonly string[] }) {
    super(message, options);
    this.inputs = options.inputs;
  }
}

/** Secrets Manager does not give us the secret. */
export class SecretUnreadableError extends CarthubError {
  override readonly name = 'SecretUnreadableError';
}

/** The release document in S3 is not the one that its key names. */
export class ReleaseInvalidError extends CarthubError {
  override readonly name = 'ReleaseInvalidError';
}

/** The image's migrations are not those of the release: one of the two is of another build. */
export class ReleaseMismatchError extends CarthubError {
  override readonly name = 'ReleaseMismatchError';
}

/** Another session holds the lock that only one migration has at a time. */
export class RunLockHeldError extends CarthubError {
  override readonly name = 'RunLockHeldError';
}

/** The session no longer holds the lock: something in a migration gave it up. */
export class RunLockLostError extends CarthubError {
  override readonly name = 'RunLockLostError';
}

/** The connection broke. The message says what that means for what was under way. */
export class ConnectionLostError extends CarthubError {
  override readonly name = 'ConnectionLostError';
}

/** A file ended the transaction in which it was to be all or nothing. */
export class TransactionEscapedError extends CarthubError {
  override readonly name = 'TransactionEscapedError';
}

/** The runner was told to stop (SIGTERM). */
export class StoppedError extends CarthubError {
  override readonly name = 'StoppedError';
}

/** The runner's own deadline passed. */
export class DeadlineExceededError extends CarthubError {
  override readonly name = 'DeadlineExceededError';
}

/** The words of a cause, to go into a sentence, without passwords. */
export function reason(cause: unknown): string {
  return redact(cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
}
