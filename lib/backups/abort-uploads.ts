import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { backupKeys } from './keys.ts';
import { s3Call } from './s3-errors.ts';

/** Ends what a Job that was killed had open: its parts cost money and are seen by nobody. Says how many uploads there were. */
export async function abortUploads({ s3, bucket }: Documents, id: string, run: string): Promise<number> {
  const Prefix = backupKeys.folder(id, run);
  const { Uploads = [] } = await s3Call('s3:ListBucketMultipartUploads', `s3://${bucket}`, () =>
    s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix })),
  );
  for (const { Key = '', UploadId } of Uploads) {
    try {
      await s3Call('s3:AbortMultipartUpload', `s3://${bucket}/${Key}`, () =>
        s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'NoSuchUpload')) throw error;
    }
  }
  return Uploads.length;
}
