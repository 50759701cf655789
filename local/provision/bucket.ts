import { Readable } from 'node:stream';
import { ServiceError, type StreamingService } from '../service.ts';

const CONFIGURATION = {
  versioning: '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
  encryption:
    '<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>',
  publicAccessBlock:
    '<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>',
};

/** The bucket with the configuration of resources/bucket.yml, unless it is there. */
export async function ensureBucket(s3: StreamingService, bucket: string): Promise<void> {
  try {
    await put(s3, bucket, '', '');
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'BucketAlreadyOwnedByYou')) throw error;
  }
  for (const [name, document] of Object.entries(CONFIGURATION)) await put(s3, bucket, name, document);
}

async function put(s3: StreamingService, bucket: string, subResource: string, document: string): Promise<void> {
  await s3.stream({
    operation: null,
    input: {},
    method: 'PUT',
    path: `/${bucket}`,
    query: new URLSearchParams(subResource),
    headers: { 'content-length': `${document.length}` },
    content: Readable.from([Buffer.from(document)], { objectMode: false }),
  });
}
