import { isTransient, ServiceUnavailableError } from '../../lib/aws/transient.ts';
import { AwsAccessError } from '../errors.ts';

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'Forbidden']);
const BAD_CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

/** A refusal of AWS's own as one of ours, with what to do about it; anything else as it is. */
export function explain(error: unknown, caller: string): unknown {
  if (!(error instanceof Error)) return error;
  if (DENIED.has(error.name)) {
    return new AwsAccessError(`AWS does not let ${caller} do that: ${error.message}`, {
      remedy:
        "Let that role or user start the state machine, read its executions, and use the stack's bucket and secret; a plan of a restore also describes RDS instances, snapshots and backups.",
      cause: error,
    });
  }
  if (BAD_CREDENTIALS.has(error.name)) {
    return new AwsAccessError(`AWS does not accept our credentials: ${error.message}`, {
      remedy: 'Sign in again (aws sso login), or set other credentials.',
      cause: error,
    });
  }
  if ('$metadata' in error && isTransient(error)) {
    return new ServiceUnavailableError(`AWS does not answer as it should: ${error.name}: ${error.message}`, {
      remedy: 'Start the command again in a while. A run that was started goes on: npx carthub-db status',
      cause: error,
    });
  }
  return error;
}
