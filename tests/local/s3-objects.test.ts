import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { signedFetch } from './signed-fetch.ts';
import { Bucket, withS3 } from './with-s3.ts';

async function bytesOf(answer: GetObjectCommandOutput): Promise<Buffer> {
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
}

test('an object comes back as it was put, with its type, its metadata and the checksum that the SDK takes by itself', () =>
  withS3(async ({ client }) => {
    const Key = 'folder/a key & <more> é+%.json';
    const put = await client.send(
      new PutObjectCommand({
        Bucket,
        Key,
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { run: '42' },
        CacheControl: 'no-store',
      }),
    );
    expect(put).toMatchObject({
      ETag: '"5d41402abc4b2a76b9719d911017c592"',
      ChecksumCRC32: 'NhCmhg==',
      ServerSideEncryption: 'AES256',
    });
    expect(put.VersionId).toBeUndefined();
    const got = await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentLength: 5,
      ContentType: 'text/plain',
      CacheControl: 'no-store',
      Metadata: { run: '42' },
      ChecksumCRC32: 'NhCmhg==',
      ChecksumType: 'FULL_OBJECT',
    });
    expect((await bytesOf(got)).toString()).toBe('hello');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key }));
    expect(head).toMatchObject({ ContentLength: 5, ETag: put.ETag, Metadata: { run: '42' } });
    expect(head.LastModified?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  }));

test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
  'a streamed upload with a %s trailer is stored without its framing, and the trailer is verified',
  (ChecksumAlgorithm) =>
    withS3(async ({ client }) => {
      const body = randomBytes(300_001);
      const put = await client.send(
        new PutObjectCommand({
          Bucket,
          Key: 'stream',
          Body: Readable.from([body.subarray(0, 7), body.subarray(7)]),
          ContentLength: body.length,
          ChecksumAlgorithm,
        }),
      );
      expect(put[`Checksum${ChecksumAlgorithm}`]).toBeDefined();
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'stream', ChecksumMode: 'ENABLED' }));
      expect(body.equals(await bytesOf(got))).toBe(true);
      expect(got[`Checksum${ChecksumAlgorithm}`]).toBe(put[`Checksum${ChecksumAlgorithm}`]);
      expect(got.ContentEncoding).toBeUndefined();
    }),
);

test('a body that is not what its trailer, header, MD5 or length says is refused, and nothing of it is kept', () =>
  withS3(async ({ client, url }) => {
    const put = (headers: Record<string, string>, body = 'hello') =>
      signedFetch(`${url}/${Bucket}/bad`, { method: 'PUT', headers, body });
    const trailer = (value: string, chunk = '5\r\nhello\r\n0\r\n') =>
      put(
        {
          'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
          'content-encoding': 'aws-chunked',
          'x-amz-decoded-content-length': '5',
          'x-amz-trailer': 'x-amz-checksum-crc32',
        },
        `${chunk}x-amz-checksum-crc32:${value}\r\n\r\n`,
      );
    const refused = [
      [await trailer('AAAAAA=='), 'BadDigest'],
      [await trailer('NhCmhg==', '4\r\nhell\r\n0\r\n'), 'IncompleteBody'],
      [await trailer('NhCmhg==', '5\r\nhelloo\r\n0\r\n'), 'IncompleteBody'],
      [await trailer('NhCmhg==', '5\r\nhel'), 'IncompleteBody'],
      [await put({ 'x-amz-checksum-sha256': createHash('sha256').update('other').digest('base64') }), 'BadDigest'],
      [await put({ 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-crc32c': 'x' }), 'InvalidRequest'],
      [await put({ 'x-amz-sdk-checksum-algorithm': 'CRC32' }), 'InvalidRequest'],
      [await put({ 'content-md5': createHash('md5').update('other').digest('base64') }), 'BadDigest'],
      [await put({ 'content-md5': 'short' }), 'InvalidDigest'],
      [
        await put({ 'x-amz-content-sha256': createHash('sha256').update('other').digest('hex') }),
        'XAmzContentSHA256Mismatch',
      ],
    ] as const;
    for (const [answer, code] of refused) {
      expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
    }
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'bad' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    const good = await trailer('NhCmhg==');
    expect([good.status, good.headers.get('x-amz-checksum-crc32')]).toEqual([200, 'NhCmhg==']);
  }));

test('an object put without any checksum gets CRC64NVME, as in S3', () =>
  withS3(async ({ client, url }) => {
    // The check value of the catalogue: https://reveng.sourceforge.io/crc-catalogue/17plus.htm#crc.cat.crc-64-nvme
    await signedFetch(`${url}/${Bucket}/plain`, { method: 'PUT', body: '123456789' });
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'plain', ChecksumMode: 'ENABLED' }));
    expect(got.ChecksumCRC64NVME).toBe(Buffer.from('ae8b14860a799888', 'hex').toString('base64'));
  }));

test('a range is answered with its bytes, and one beyond the end is InvalidRange', () =>
  withS3(async ({ client }) => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }));
    const range = async (Range: string) => {
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k', Range, ChecksumMode: 'ENABLED' }));
      return [(await bytesOf(got)).toString(), got.ContentRange];
    };
    expect(await range('bytes=2-4')).toEqual(['234', 'bytes 2-4/10']);
    expect(await range('bytes=7-')).toEqual(['789', 'bytes 7-9/10']);
    expect(await range('bytes=-3')).toEqual(['789', 'bytes 7-9/10']);
    expect(await range('bytes=5-100')).toEqual(['56789', 'bytes 5-9/10']);
    await expect(range('bytes=10-')).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  }));

test('how an object is encrypted is answered by put, get and head', () =>
  withS3(async ({ client }) => {
    const encryption = {
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: 'arn:aws:kms:eu-west-1:000000000000:key/a',
    } as const;
    expect(await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...encryption }))).toMatchObject(
      encryption,
    );
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject(encryption);
    const account = await client.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ServerSideEncryption: 'aws:kms' }),
    );
    expect(account.SSEKMSKeyId).toMatch(/^arn:aws:kms:eu-west-1:000000000000:key\//);
  }));

test('tags are put with an object or later, replaced, read, and counted', () =>
  withS3(async ({ client }) => {
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'body', Tagging: 'a=1&b=%26' }));
    const tags = async () => (await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet;
    expect(await tags()).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '&' },
    ]);
    await client.send(
      new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'c', Value: '<3>' }] } }),
    );
    expect(await tags()).toEqual([{ Key: 'c', Value: '<3>' }]);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect([(await bytesOf(got)).toString(), got.TagCount]).toEqual(['body', 1]);
    const eleven = Array.from({ length: 11 }, (_, index) => ({ Key: `${index}`, Value: '' }));
    await expect(
      client.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet: eleven } })),
    ).rejects.toMatchObject({ name: 'BadRequest' });
  }));

test('a copy has the body, and its metadata copied or replaced', () =>
  withS3(async ({ client }) => {
    const CopySource = `${Bucket}/from%20here`;
    await client.send(
      new PutObjectCommand({ Bucket, Key: 'from here', Body: 'x', Metadata: { a: '1' }, Tagging: 't=1' }),
    );
    const copy = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(copy.CopyObjectResult?.ETag).toBe('"9dd4e461268c8034f5c8564e155c67a6"');
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).toMatchObject({
      Metadata: { a: '1' },
      TagCount: 1,
    });
    await client.send(
      new CopyObjectCommand({ Bucket, Key: 'to', CopySource, MetadataDirective: 'REPLACE', Metadata: { b: '2' } }),
    );
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: 'to' }))).Metadata).toEqual({ b: '2' });
    await expect(
      client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource, CopySourceIfMatch: '"other"' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(client.send(new CopyObjectCommand({ Bucket, Key: 'from here', CopySource }))).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    await expect(
      client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/nothing` })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });
  }));

test('deleting one or many removes them, and what was not there is no error', () =>
  withS3(async ({ client, folder }) => {
    for (const Key of ['a', 'b', 'c & d']) await client.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a' }));
    const deleted = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'b' }, { Key: 'c & d' }, { Key: 'never' }] } }),
    );
    expect(deleted.Deleted?.map(({ Key }) => Key)).toEqual(['b', 'c & d', 'never']);
    for (const Key of ['a', 'b', 'c & d']) {
      await expect(client.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    }
    expect(await readdir(`${folder}/${Bucket}/bodies`)).toEqual([]);
  }));

test('a bucket that is not there is NoSuchBucket', () =>
  withS3(async ({ client }) => {
    const nowhere = { Bucket: 'nowhere', Key: 'k' };
    await expect(client.send(new GetObjectCommand(nowhere))).rejects.toMatchObject({ name: 'NoSuchBucket' });
    await expect(client.send(new PutObjectCommand({ ...nowhere, Body: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  }));
