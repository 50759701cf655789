import { setTimeout as pause } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Stack } from '../stack/stack.ts';
import type { MadeRelease } from './make.ts';

const TRIES = 10;
const PAUSE_MS = 300;

/**
 * Puts a release into the bucket, the schemas before the document that names them, and returns its key. What is there is the same; what another
 * command is just putting there (409) will be.
 */
export async function uploadRelease(stack: Stack, { documents }: MadeRelease): Promise<string> {
  for (const document of documents) await put(stack, document);
  return documents.at(-1)?.key ?? '';
}

async function put({ s3, names }: Stack, { key, bytes }: MadeRelease['documents'][number]): Promise<void> {
  const object = { Bucket: names.bucket, Key: key, Body: bytes, ContentType: 'application/json', IfNoneMatch: '*' };
  for (let tries = 1; ; tries += 1) {
    try {
      await s3.send(new PutObjectCommand(object));
      return;
    } catch (error) {
      const code = error instanceof Error ? error.name : '';
      if (code === 'PreconditionFailed') return;
      if (code !== 'ConditionalRequestConflict' || tries === TRIES) throw error;
    }
    await pause(PAUSE_MS);
  }
}
