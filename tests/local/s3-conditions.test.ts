import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { Bucket, withS3 } from './with-s3.ts';

async function read(client: S3Client, Key: string): Promise<{ etag: string | undefined; text: string | undefined }> {
  const got = await client.send(new GetObjectCommand({ Bucket, Key }));
  return { etag: got.ETag, text: await got.Body?.transformToString() };
}

test('conditional reads answer 412 and 304', () =>
  withS3(async ({ client }) => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
    const get = (condition: object) => client.send(new GetObjectCommand({ Bucket, Key: 'k', ...condition }));
    expect((await get({ IfMatch: ETag })).ETag).toBe(ETag);
    expect((await get({ IfNoneMatch: '"other"' })).ETag).toBe(ETag);
    await expect(get({ IfMatch: '"other"' })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await expect(get({ IfNoneMatch: ETag })).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(get({ IfModifiedSince: new Date(Date.now() + 60_000) })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await expect(get({ IfUnmodifiedSince: new Date(0) })).rejects.toMatchObject({ name: 'PreconditionFailed' });
  }));

test('a conditional write succeeds only where its condition holds: 412 for another object, 404 for none', () =>
  withS3(async ({ client }) => {
    const put = (Body: string, condition: object) =>
      client.send(new PutObjectCommand({ Bucket, Key: 'lease', Body, ...condition }));
    await expect(put('0', { IfMatch: '"x"' })).rejects.toMatchObject({
      name: 'NoSuchKey',
      $metadata: { httpStatusCode: 404 },
    });
    const first = await put('1', { IfNoneMatch: '*' });
    await expect(put('2', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    const second = await put('3', { IfMatch: first.ETag });
    await expect(put('4', { IfMatch: first.ETag })).rejects.toMatchObject({ name: 'PreconditionFailed' });
    expect(await read(client, 'lease')).toEqual({ etag: second.ETag, text: '3' });
  }));

test('of twenty conditional writes at once one wins, and the others are 412 or 409', () =>
  withS3(async ({ client }) => {
    const race = async (name: string, condition: object) => {
      const writes = Array.from({ length: 20 }, (_, index) =>
        client.send(new PutObjectCommand({ Bucket, Key: 'raced', Body: `${name} ${index}`, ...condition })),
      );
      const results = await Promise.allSettled(writes);
      const names = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.name] : []));
      expect(names).toHaveLength(19);
      expect(new Set([...names, 'PreconditionFailed', 'ConditionalRequestConflict']).size).toBe(2);
      const won = results.findIndex((result) => result.status === 'fulfilled');
      const { etag, text } = await read(client, 'raced');
      expect(text).toBe(`${name} ${won}`);
      return etag;
    };
    // An ETag is one of the content: a winner's body must not be that of the round before.
    await race('second', { IfMatch: await race('first', { IfNoneMatch: '*' }) });
  }));

test('a conditional write whose object changes while its body comes in is ConditionalRequestConflict', () =>
  withS3(async ({ client, folder }) => {
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '1' }));
    const comesIn = async () => (await readdir(join(folder, Bucket, 'bodies'))).some((name) => name.endsWith('.part'));
    async function* slowly() {
      yield Buffer.alloc(100_000, 'a');
      while (!(await comesIn())) await new Promise(setImmediate);
      await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '2' }));
      yield Buffer.from('b');
    }
    const put = new PutObjectCommand({
      Bucket,
      Key: 'k',
      Body: Readable.from(slowly()),
      ContentLength: 100_001,
      IfMatch: ETag,
    });
    await expect(client.send(put)).rejects.toMatchObject({
      name: 'ConditionalRequestConflict',
      $metadata: { httpStatusCode: 409 },
    });
    expect((await read(client, 'k')).text).toBe('2');
  }));
