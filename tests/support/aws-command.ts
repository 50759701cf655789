import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';

/** Lends `use` a folder with an `aws` that knows `aws s3 cp s3://BUCKET/KEY -`. */
export async function withAws<T>(s3: S3Client, use: (folder: string) => Promise<T>): Promise<T> {
  const { port, hostname } = (await s3.config.endpoint?.()) ?? { port: 0, hostname: '' };
  const sdk = join(import.meta.dirname, '../../node_modules/@aws-sdk/client-s3/dist-cjs/index.js');
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-aws-'));
  const program = `#!${process.execPath}
const { S3Client, GetObjectCommand } = require(${JSON.stringify(sdk)});
const [, Bucket, Key] = /^s3:\\/\\/([^/]+)\\/(.+)$/.exec(process.argv[4]);
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const s3 = new S3Client({ endpoint: 'http://${hostname}:${port}', region: 'eu-west-1', credentials });
s3.send(new GetObjectCommand({ Bucket, Key })).then(({ Body }) => Body.pipe(process.stdout));
`;
  await writeFile(join(folder, 'aws'), program, { mode: 0o755 });
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
