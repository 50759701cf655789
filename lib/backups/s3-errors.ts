import { isTransient, ServiceUnavailableError } from '../aws/transient.ts';
import { BackupBucketError, BackupPermissionError, ClockSkewError, EncryptionKeyError } from './errors.ts';

const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden', '403']);

/** What S3 refused, under a name of ours and with what helps; anything else as it is. `what` is the action, as IAM names it. */
export function namedS3Error(error: unknown, what: string, where: string): unknown {
  if (!(error instanceof Error)) return error;
  const said = `${error.name}: ${error.message}`;
  if (error.name.startsWith('KMS.') || /\bkms\b/i.test(error.message)) {
    return new EncryptionKeyError(`S3 cannot use the encryption key for ${where}: ${said}`, {
      remedy:
        "Enable the key, or let the Job's role use it (kms:GenerateDataKey, kms:Decrypt): aws kms describe-key --key-id KEY",
      cause: error,
    });
  }
  if (DENIED.has(error.name)) {
    return new BackupPermissionError(`We may not call ${what} on ${where}: ${said}`, {
      remedy: `Allow ${what} to the Job's role, and look for a deny in the bucket's policy.`,
      cause: error,
    });
  }
  if (error.name === 'NoSuchBucket') {
    return new BackupBucketError(`The bucket of ${where} is not there.`, {
      remedy: 'Deploy the stack, or give the name of its bucket: BUCKET=...',
      cause: error,
    });
  }
  if (error.name === 'RequestTimeTooSkewed') {
    return new ClockSkewError(`S3 refuses our clock: ${said}`, {
      remedy: 'Put the clock of the node right (chrony), then start again.',
      cause: error,
    });
  }
  if ('$metadata' in error && isTransient(error)) {
    return new ServiceUnavailableError(`S3 does not answer as it should for ${where}: ${said}`, {
      remedy: 'Start again in a while.',
      cause: error,
    });
  }
  return error;
}

/** Runs a call of S3's and names its failure. */
export async function s3Call<T>(what: string, where: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw namedS3Error(error, what, where);
  }
}
