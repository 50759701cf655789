import { PutObjectCommand } from '@aws-sdk/client-s3';
import { keys } from '../../lib/runs/keys.ts';
import type { Stack } from '../stack/stack.ts';
import type { MadeRelease } from './make.ts';

/** Puts the release into the bucket under the SHA-256 of its bytes and returns the key. One that is there is the same one. */
export async function uploadRelease({ s3, names }: Stack, { bytes, sha256 }: MadeRelease): Promise<string> {
  const key = keys.release(sha256);
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: names.bucket,
        Key: key,
        Body: bytes,
        ContentType: 'application/json',
        IfNoneMatch: '*',
      }),
    );
  } catch (error) {
    if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
  }
  return key;
}
