import { GetObjectLegalHoldCommand, GetObjectRetentionCommand } from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { s3Call } from './s3-errors.ts';

/** Until when S3 itself keeps an object; 'ever' without an end, null when it does not. */
export type KeptUntil = string | 'ever' | null;

/**
 * Asks what Object Lock says of objects. The two rights it takes do not let anybody read what is in them, as a HEAD's would.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
 */
export function objectLocks({ s3, bucket }: Documents): (key: string) => Promise<KeptUntil> {
  let bucketLocks = true;

  async function ask<T>(action: string, key: string, call: () => Promise<T>): Promise<T | null> {
    try {
      return await s3Call(action, `s3://${bucket}/${key}`, call);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (error.name === 'InvalidRequest' && /Object Lock/i.test(error.message)) bucketLocks = false;
      else if (!UNLOCKED.has(error.name)) throw error;
      return null;
    }
  }

  return async (Key) => {
    if (!bucketLocks) return null;
    const at = { Bucket: bucket, Key };
    const kept = await ask('s3:GetObjectRetention', Key, () => s3.send(new GetObjectRetentionCommand(at)));
    // A bucket without Object Lock says so to the first question.
    if (!bucketLocks) return null;
    const held = await ask('s3:GetObjectLegalHold', Key, () => s3.send(new GetObjectLegalHoldCommand(at)));
    if (held?.LegalHold?.Status === 'ON') return 'ever';
    return kept?.Retention?.RetainUntilDate?.toISOString() ?? null;
  };
}

/** An object that has no lock, or has gone since the bucket was listed. */
const UNLOCKED = new Set(['NoSuchObjectLockConfiguration', 'NoSuchKey']);

export function latest(times: readonly KeptUntil[]): KeptUntil {
  if (times.includes('ever')) return 'ever';
  return times.filter((time) => time !== null).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
}
