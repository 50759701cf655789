import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './signed-fetch.ts';
import { credentials } from './with-endpoint.ts';
import { Bucket, withS3 } from './with-s3.ts';

const Key = 'lease';

async function arm(url: string, fault: Record<string, unknown>): Promise<void> {
  const body = JSON.stringify({ service: 's3', where: { Key }, ...fault });
  expect((await fetch(`${url}/_faults`, { method: 'POST', body })).status).toBe(200);
}

test('a conditional put done twice is refused by its own first one, and what it wrote is there', () =>
  withS3(async ({ client, url }) => {
    await arm(url, { operation: 'PutObject', mode: 'twice' });
    await expect(
      client.send(new PutObjectCommand({ Bucket, Key, Body: 'mine', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    expect(await got.Body?.transformToString()).toBe('mine');
  }));

test('a put that fails after its effect has written, one that fails before has not', () =>
  withS3(async ({ client, url }) => {
    const put = (Body: string) => client.send(new PutObjectCommand({ Bucket, Key, Body }));
    await arm(url, { operation: 'PutObject', mode: 'fail-before', code: 'SlowDown', status: 503 });
    await expect(put('before')).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
    await arm(url, { operation: 'PutObject', mode: 'fail-after' });
    await expect(put('after')).rejects.toMatchObject({ name: 'InternalFailure' });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength).toBe(5);
  }));

test('a put that arrives late overwrites what came in between, also when its client has long gone', () =>
  withS3(async ({ client, url }) => {
    await arm(url, { operation: 'PutObject', mode: 'late', afterMs: 300 });
    const late = client.send(new PutObjectCommand({ Bucket, Key, Body: 'late' }), {
      abortSignal: AbortSignal.timeout(100),
    });
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'between' }));
    const read = async () => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
    expect(await read()).toBe('between');
    while ((await read()) !== 'late') await new Promise(setImmediate);
  }));

test('the call log names operations, keys and conditions, and how each ended', () =>
  withS3(async ({ client, url }) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await expect(client.send(new PutObjectCommand({ Bucket, Key, Body: 'x', IfNoneMatch: '*' }))).rejects.toThrow();
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    const log: unknown = await (await fetch(`${url}/_calls`)).json();
    expect(log).toEqual([
      expect.objectContaining({ operation: 'CreateBucket', input: { Bucket }, code: 'OK' }),
      expect.objectContaining({ operation: 'PutObject', input: { Bucket, Key }, code: 'OK' }),
      expect.objectContaining({
        operation: 'PutObject',
        input: { Bucket, Key, 'if-none-match': '*' },
        code: 'PreconditionFailed',
      }),
      expect.objectContaining({ operation: 'DeleteObject', input: { Bucket, Key }, code: 'OK' }),
    ]);
  }));

test('a presigned URL is good for what was signed and as long as it says', () =>
  withS3(async ({ client, url }) => {
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'signed' }));
    const { hostname, port, host } = new URL(url);
    const signer = new SignatureV4({
      credentials,
      region: 'eu-west-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
    });
    const presign = async (signingDate: Date) => {
      const request = {
        method: 'GET',
        protocol: 'http:',
        hostname,
        port: Number(port),
        path: `/${Bucket}/${Key}`,
        // What S3 takes for the hash of a body that nobody knows yet.
        headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
        query: {},
      };
      const { query = {} } = await signer.presign(request, { expiresIn: 60, signingDate });
      return `${url}/${Bucket}/${Key}?${new URLSearchParams(Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]))}`;
    };
    const good = await presign(new Date());
    expect(await (await fetch(good)).text()).toBe('signed');
    expect(await (await fetch(good.replace(`/${Key}?`, '/other?'))).text()).toContain('SignatureDoesNotMatch');
    expect(await (await fetch(await presign(new Date(Date.now() - 120_000)))).text()).toContain('Request has expired');
  }));
