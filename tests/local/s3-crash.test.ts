import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { Bucket, withS3 } from './with-s3.ts';

test('what a killed process left half-written is gone after the next start, and everything answered is there', () =>
  withS3(async ({ client, folder, restart }) => {
    const at = (...names: string[]) => join(folder, Bucket, ...names);
    const Key = 'made';
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const part = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: 'part' }));
    const [name = ''] = await readdir(at('uploads'));
    const upload = await readFile(at('uploads', name));
    const Parts = [{ PartNumber: 1, ...part }];
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }));
    const good = await readdir(at('bodies'));

    // As it stands when the process dies: while a body comes in; between body and document; while a document is written;
    // between a completed object and the removal of its upload; while a bucket is made.
    await writeFile(at('bodies', 'a.part'), 'half a bo');
    await writeFile(at('bodies', 'b'), 'whole, and nobody knows');
    await writeFile(at('keys', 'c.json.tmp'), '{"key":');
    await writeFile(at('uploads', name), upload);
    await mkdir(join(folder, 'half-made', 'keys'), { recursive: true });

    await restart(async (after) => {
      expect((await after.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((entry) => entry.Key)).toEqual([
        'kept',
        'made',
      ]);
      for (const [Name, text] of [
        ['kept', 'kept'],
        [Key, 'part'],
      ]) {
        const got = await after.send(new GetObjectCommand({ Bucket, Key: Name }));
        expect(await got.Body?.transformToString()).toBe(text);
      }
      expect((await after.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
      await expect(after.send(new ListObjectsV2Command({ Bucket: 'half-made' }))).rejects.toMatchObject({
        name: 'NoSuchBucket',
      });
    });
    expect((await readdir(at('bodies'))).sort()).toEqual(good.sort());
    expect((await readdir(at('keys'))).every((name) => name.endsWith('.json'))).toBe(true);
  }));

test('an upload whose client leaves in the middle leaves nothing', () =>
  withS3(async ({ client, folder }) => {
    const leaves = new AbortController();
    async function* breaks() {
      yield Buffer.alloc(200_000);
      while ((await readdir(join(folder, Bucket, 'bodies'))).length === 0) await new Promise(setImmediate);
      leaves.abort();
      yield Buffer.alloc(100_000);
    }
    const put = new PutObjectCommand({ Bucket, Key: 'k', Body: Readable.from(breaks()), ContentLength: 400_000 });
    await expect(client.send(put, { abortSignal: leaves.signal })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NotFound' });
    // The server hears of it a moment after the client does.
    while ((await readdir(join(folder, Bucket, 'bodies'))).length > 0) await new Promise(setImmediate);
  }));

test('a reader gets the whole object that it began to read, also when it is replaced and deleted meanwhile', () =>
  withS3(async ({ client, folder }) => {
    const Key = 'k';
    // In two files, of which the second is not open yet.
    const body = Buffer.alloc(10 * 1024 * 1024, 'a');
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    const Parts: CompletedPart[] = [];
    for (const PartNumber of [1, 2]) {
      const Body = body.subarray(0, body.length / 2);
      Parts.push({
        PartNumber,
        ...(await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))),
      });
    }
    await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'b' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    while ((await readdir(join(folder, Bucket, 'bodies'))).length > 0) await new Promise(setImmediate);
  }));

test('a body flows through with flat memory, both ways', () =>
  withS3(async ({ client }) => {
    const piece = Buffer.alloc(1024 * 1024, 'x');
    const pieces = 256;
    const before = process.memoryUsage.rss();
    let most = before;
    const watch = () => {
      most = Math.max(most, process.memoryUsage.rss());
    };
    async function* large() {
      for (let index = 0; index < pieces; index += 1) {
        watch();
        yield piece;
      }
    }
    const Body = Readable.from(large());
    await client.send(new PutObjectCommand({ Bucket, Key: 'large', Body, ContentLength: pieces * piece.length }));
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'large' }));
    let size = 0;
    for await (const chunk of got.Body instanceof Readable ? got.Body : []) {
      size += chunk.length;
      watch();
    }
    expect(size).toBe(pieces * piece.length);
    expect(most - before).toBeLessThan(120 * 1024 * 1024);
  }));
