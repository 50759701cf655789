import {
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { BackupBucketError } from './errors.ts';
import { s3Call } from './s3-errors.ts';

/** What somebody accepts by name of a bucket that lacks it. */
export const ALLOWANCES = ['unversioned-bucket', 'unencrypted-bucket'] as const;
export type Allowance = (typeof ALLOWANCES)[number];

/**
 * Is the bucket one that backups may be trusted to? Without versions an object that is written over is lost.
 *
 * @throws BackupBucketError, BackupPermissionError
 */
export async function checkBucket({ s3, bucket }: Documents, allowed: readonly Allowance[]): Promise<void> {
  const where = `s3://${bucket}`;
  const versioning = await s3Call('s3:GetBucketVersioning', where, () =>
    s3.send(new GetBucketVersioningCommand({ Bucket: bucket })),
  );
  if (versioning.Status !== 'Enabled' && !allowed.includes('unversioned-bucket')) {
    throw new BackupBucketError(`${where} keeps no versions: an object that is written over would be lost.`, {
      remedy: `aws s3api put-bucket-versioning --bucket ${bucket} --versioning-configuration Status=Enabled, or allow it by name, with the stack's parameter backupAllowed=unversioned-bucket`,
    });
  }
  if (!(await isEncrypted(s3, bucket)) && !allowed.includes('unencrypted-bucket')) {
    throw new BackupBucketError(`${where} has no default encryption.`, {
      remedy: `aws s3api put-bucket-encryption --bucket ${bucket} ..., or allow it by name, with the stack's parameter backupAllowed=unencrypted-bucket`,
    });
  }
}

async function isEncrypted(s3: S3Client, bucket: string): Promise<boolean> {
  try {
    const found = await s3Call('s3:GetEncryptionConfiguration', `s3://${bucket}`, () =>
      s3.send(new GetBucketEncryptionCommand({ Bucket: bucket })),
    );
    return (found.ServerSideEncryptionConfiguration?.Rules ?? []).length > 0;
  } catch (error) {
    if (error instanceof Error && error.name === 'ServerSideEncryptionConfigurationNotFoundError') return false;
    throw error;
  }
}

/** The time by S3's own clock, which stands in every answer. */
export async function s3Time({ s3, bucket }: Documents): Promise<Date> {
  const command = new HeadBucketCommand({ Bucket: bucket });
  let date: string | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      date = headerOf(result.response, 'date');
      return result;
    },
    { step: 'deserialize', name: 'readDate', priority: 'low' },
  );
  await s3Call('s3:ListBucket', `s3://${bucket}`, () => s3.send(command));
  if (date !== undefined && !Number.isNaN(Date.parse(date))) return new Date(date);
  throw new BackupBucketError(`S3 answered without a date for s3://${bucket}.`, {
    remedy: 'Look for a proxy between us and S3 that takes headers away.',
  });
}

function headerOf(response: unknown, name: string): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return typeof found?.[1] === 'string' ? found[1] : undefined;
}
