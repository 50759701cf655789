import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createS3 } from '../../local/s3/s3.ts';
import { clientOf, withEndpoint } from './with-endpoint.ts';

export const Bucket = 'carthub-db-test';

/** Lends `use` a real client of an S3 of its own with one bucket. `restart` opens the same folder again, as after a crash. */
export async function withS3<T>(
  use: (s3: {
    client: S3Client;
    url: string;
    folder: string;
    restart<R>(use: (client: S3Client) => Promise<R>): Promise<R>;
  }) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-s3-'));
  const serve = <R>(then: (client: S3Client, url: string) => Promise<R>) =>
    open(folder).then((service) =>
      withEndpoint([service], async (url) => {
        const client = new S3Client(clientOf(url));
        try {
          return await then(client, url);
        } finally {
          client.destroy();
        }
      }),
    );
  try {
    return await serve(async (client, url) => {
      await client.send(new CreateBucketCommand({ Bucket }));
      return use({ client, url, folder, restart: (then) => serve(then) });
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

function open(folder: string) {
  return createS3({ folder, account: '000000000000', region: 'eu-west-1', now: () => new Date() });
}
