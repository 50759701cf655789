import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createEndpoint } from '../../local/endpoint.ts';
import { createCallLog } from '../../local/faults/calls.ts';
import { createFaults, type Faults } from '../../local/faults/faults.ts';
import { createS3 } from '../../local/s3/s3.ts';
import { createSecrets } from '../../local/secrets/secrets.ts';

/** A bucket and secrets over the wire, for programs that a test starts. */
export type Store = {
  /** For AWS_ENDPOINT_URL. */
  endpoint: string;
  bucket: string;
  faults: Faults;
  write(key: string, body: string): Promise<void>;
  /** The JSON below a key, null when there is none. */
  read(key: string): Promise<unknown>;
  /** Makes a secret; its ARN. */
  secret(value: string): Promise<string>;
  close(): Promise<void>;
};

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const region = 'eu-west-1';

export async function openStore(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-store-'));
  const now = () => new Date();
  const faults = createFaults();
  const account = '000000000000';
  const endpoint = createEndpoint({
    services: [
      await createS3({ folder: join(folder, 's3'), account, region, now }),
      await createSecrets({ folder: join(folder, 'secrets'), account, region, now }),
    ],
    ...{ faults, credentials, now, calls: createCallLog(now) },
  });
  await endpoint.listen(0);
  const s3 = new S3Client({ endpoint: endpoint.url, region, credentials });
  const secrets = new SecretsManagerClient({ endpoint: endpoint.url, region, credentials });
  const bucket = 'documents';
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  let number = 0;
  return {
    ...{ bucket, faults, endpoint: endpoint.url },
    async write(key, body) {
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
    async read(key) {
      try {
        const got = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return JSON.parse((await got.Body?.transformToString()) ?? '');
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    },
    async secret(value) {
      number += 1;
      const made = await secrets.send(new CreateSecretCommand({ Name: `secret-${number}`, SecretString: value }));
      return made.ARN ?? '';
    },
    async close() {
      s3.destroy();
      secrets.destroy();
      await endpoint.close();
      await rm(folder, { recursive: true });
    },
  };
}
