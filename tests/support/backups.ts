import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutBucketEncryptionCommand, PutBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import type { BackupOptions } from '../../lib/backups/back-up.ts';
import { pgRestoreDecoder } from '../../lib/backups/decode.ts';
import { createS3Store } from '../../lib/backups/s3-store.ts';
import type { Tools } from '../../lib/backups/tools.ts';
import { verify } from '../../lib/backups/verify.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { type Bucket, openBucket } from './bucket.ts';
import { TOOL_PLACES } from './pg-tools.ts';

export const never = new AbortController().signal;

export type BackupBench = Bucket & {
  /** In memory, as far as the test's machine has it so. */
  folder: string;
  options(database: Credentials, more?: Partial<BackupOptions>): BackupOptions;
  verify(id: string, tools: Tools): ReturnType<typeof verify>;
  /** What was logged. */
  events: Record<string, unknown>[];
};

/** A bucket as the stack makes it: with versions, encrypted. */
export async function openBackupBench(): Promise<BackupBench> {
  const opened = await openBucket();
  const { documents } = opened;
  await makeTrusted(documents.s3, documents.bucket);
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-memory-'));
  const events: BackupBench['events'] = [];
  let runs = 0;
  return {
    ...{ ...opened, folder, events },
    options(database, more = {}) {
      runs += 1;
      return {
        ...{ documents, folder, id: `backup-${runs}`, run: `run-${runs}`, name: 'carthub', tools: TOOL_PLACES },
        database: { credentials: database, applicationName: `backup-${runs}`, ca: null, connectTimeoutMs: 5_000 },
        ...{ encryptionKey: null, allowed: [], lockWaitMs: 2_000, stop: never, now: () => new Date() },
        log: (level, event, fields) => events.push({ level, event, ...fields }),
        ...more,
      };
    },
    verify: (id, tools) =>
      verify({
        ...{ documents, id, stop: never, now: () => new Date() },
        store: createS3Store({ documents, encryptionKey: null, metadata: {}, stop: never }),
        decoderOf: async () => pgRestoreDecoder(tools, { LC_ALL: 'C' }, never),
      }),
    async close() {
      await opened.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Gives a bucket what the stack's has. */
export async function makeTrusted(s3: S3Client, Bucket: string): Promise<void> {
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
    }),
  );
}
