import {
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Documents } from '../../lib/documents/documents.ts';
import { type OutcomeRecord, record } from '../../lib/runs/record.ts';
import type { TestCloud } from './cloud.ts';
import { until } from './until.ts';

/** What a test does with the backups of a cloud beside the product. */
export type Nights = {
  documents: Documents;
  /** Starts the machine as the schedule does. Its execution. */
  start(name: string, input?: object): Promise<string>;
  /** Waits for the outcome of an execution. */
  outcome(execution: string): Promise<OutcomeRecord>;
  keys(): Promise<string[]>;
  openUploads(): Promise<number>;
  /** Has the next part of an object hang, or come late; what is returned waits until one does, its upload open. */
  hold(fault?: { mode: 'late'; afterMs: number }): Promise<() => Promise<unknown>>;
  version(Status: 'Enabled' | 'Suspended'): Promise<unknown>;
  overwrite(key: string, body: string): Promise<unknown>;
  close(): void;
};

export function openNights(cloud: TestCloud): Nights {
  const { endpoint, region, account, accessKeyId, secretAccessKey } = cloud.cloud;
  const s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const Bucket = `carthub-db-carthub-${account}-${region}`;
  return {
    documents: { s3, bucket: Bucket },
    async start(name, input = {}) {
      const { executionArn = '' } = await cloud.sfn.send(
        new StartExecutionCommand({
          stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-backup`,
          name,
          input: JSON.stringify({ database: 'carthub', requestedBy: 'the schedule', ...input }),
        }),
      );
      return executionArn;
    },
    async outcome(execution) {
      const run = execution.split(':').at(-1) ?? '';
      return record.parse(await until(`the outcome of ${run}`, () => cloud.document(`runs/${run}.json`)));
    },
    async keys() {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'backups/' }));
      return Contents.map(({ Key = '' }) => Key);
    },
    async openUploads() {
      return (await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads?.length ?? 0;
    },
    async hold(fault) {
      const parts = async () => (await cloud.calls()).filter(({ operation }) => operation === 'UploadPart').length;
      const before = await parts();
      await cloud.arm({ service: 's3', operation: 'UploadPart', mode: 'hang', ...fault });
      return () => until('a part on its way', async () => (await parts()) > before);
    },
    version: (Status) => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
    overwrite: (Key, Body) => s3.send(new PutObjectCommand({ Bucket, Key, Body })),
    close: () => s3.destroy(),
  };
}
