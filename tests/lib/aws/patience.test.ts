import { createServer } from 'node:net';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { patience } from '../../../lib/aws/patience.ts';
import { isTransient } from '../../../lib/aws/transient.ts';
import { sources } from '../../guards/sources.ts';

/** Made inside a Lambda or the Job's container: what they wait for without end holds a run. */
const MADE_AT_AN_EDGE = /\bnew (?:S3|SFN|RDS|EKS|STS|SNS|SecretsManager)Client\(([^)]*)\)/g;

test('every client of AWS in the functions and in the runner has the time-outs of one place', async () => {
  const edges = (await sources()).filter(({ path }) => /^(functions|runner)\//.test(path));
  const made = edges.flatMap(({ path, text }) => [...text.matchAll(MADE_AT_AN_EDGE)].map(([, given]) => [path, given]));
  expect(made.length).toBeGreaterThan(8);
  for (const [path, given] of made)
    expect([path, given]).toEqual([path, expect.stringMatching(/^patience(ForTransfers)?$/)]);
});

/** How reading an object ends at a service that answers `said` and then nothing more. */
async function readFrom(said: string): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.write(said));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const s3 = new S3Client({
    ...{ ...patience, maxAttempts: 1, region: 'eu-west-1', endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true },
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  try {
    const got = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    return await got.Body?.transformToString();
  } catch (error) {
    return error;
  } finally {
    s3.destroy();
    server.close();
  }
}

test('a service that says nothing, or stops in its answer, fails in seconds, as what may go away by itself', async () => {
  const half = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf';
  const ends = await Promise.all([readFrom(''), readFrom(half)]);
  expect(ends.map(isTransient)).toEqual([true, true]);
}, 20_000);
