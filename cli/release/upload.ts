import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { keys } from '../../lib/runs/keys.ts';
import type { Stack } from '../stack/stack.ts';
import type { MadeRelease } from './make.ts';

const TRIES = 10;
const PAUSE_MS = 300;

/**
 * Puts the release into the bucket under the SHA-256 of its bytes and returns the key. One that is there is the same one;
 * one that another command is just putting there (409) will be.
 */
export async function uploadRelease({ s3, names }: Stack, { bytes, sha256 }: MadeRelease): Promise<string> {
  const key = keys.release(sha256);
  const put = { Bucket: names.bucket, Key: key, Body: bytes, ContentType: 'application/json', IfNoneMatch: '*' };
  for (let tries = 1; ; tries += 1) {
    try {
      await s3.send(new PutObjectCommand(put));
      return key;
    } catch (error) {
      const code = error instanceof Error ? error.name : '';
      if (code === 'PreconditionFailed') return key;
      if (code !== 'ConditionalRequestConflict' || tries === TRIES) throw error;
    }
    await pause(PAUSE_MS);
  }
}
