import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { Bucket, withS3 } from './with-s3.ts';

const MIB = 1024 * 1024;
const Key = 'backup';

async function begin(client: S3Client, options: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  return UploadId ?? '';
}

type Algorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

async function upload(
  client: S3Client,
  UploadId: string,
  bodies: Buffer[],
  ChecksumAlgorithm: Algorithm = 'CRC32',
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const {
      $metadata: _,
      ServerSideEncryption: __,
      ...part
    } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ChecksumAlgorithm }));
    parts.push({ PartNumber, ...part });
  }
  return parts;
}

function complete(client: S3Client, UploadId: string, Parts: CompletedPart[], more: object = {}) {
  return client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }),
  );
}

test('parts become one object with a composite ETag and checksum, whole and by range across parts', () =>
  withS3(async ({ client, restart }) => {
    const bodies = [randomBytes(5 * MIB), randomBytes(6 * MIB), randomBytes(10)];
    const UploadId = await begin(client, { Metadata: { run: '1' }, ChecksumAlgorithm: 'SHA256' });
    const parts = await upload(client, UploadId, bodies, 'SHA256');
    await expect(client.send(new HeadObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
    const done = await complete(client, UploadId, parts);
    const md5 = createHash('md5').update(Buffer.concat(bodies.map((body) => createHash('md5').update(body).digest())));
    const sha256 = createHash('sha256').update(
      Buffer.concat(bodies.map((body) => createHash('sha256').update(body).digest())),
    );
    expect(done).toMatchObject({
      ETag: `"${md5.digest('hex')}-3"`,
      ChecksumSHA256: `${sha256.digest('base64')}-3`,
      ChecksumType: 'COMPOSITE',
    });
    await restart(async (after) => {
      const got = await after.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
      expect(got).toMatchObject({ Metadata: { run: '1' }, ContentLength: 11 * MIB + 10 });
      const whole = Buffer.concat(bodies);
      expect(whole.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
      const Range = `bytes=${5 * MIB - 3}-${11 * MIB + 4}`;
      const slice = await after.send(new GetObjectCommand({ Bucket, Key, Range }));
      expect(
        whole.subarray(5 * MIB - 3, 11 * MIB + 5).equals((await slice.Body?.transformToByteArray()) ?? Buffer.alloc(0)),
      ).toBe(true);
      expect((await after.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads).toBeUndefined();
    });
  }));

test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
  'a %s of the full object is that of all bytes, and a wrong one at the end is BadDigest',
  (ChecksumAlgorithm) =>
    withS3(async ({ client }) => {
      const bodies = [randomBytes(5 * MIB), randomBytes(100)];
      const UploadId = await begin(client, { ChecksumAlgorithm, ChecksumType: 'FULL_OBJECT' });
      const parts = await upload(client, UploadId, bodies, ChecksumAlgorithm);
      const name = `Checksum${ChecksumAlgorithm}` as const;
      const whole = await client.send(
        new PutObjectCommand({ Bucket, Key: 'whole', Body: Buffer.concat(bodies), ChecksumAlgorithm }),
      );
      await expect(
        complete(client, UploadId, parts, { [name]: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }),
      ).rejects.toMatchObject({ name: 'BadDigest' });
      await expect(complete(client, UploadId, parts, { MpuObjectSize: 7 })).rejects.toMatchObject({
        name: 'InvalidRequest',
      });
      const done = await complete(client, UploadId, parts, { [name]: whole[name], ChecksumType: 'FULL_OBJECT' });
      expect([done[name], done.ChecksumType]).toEqual([whole[name], 'FULL_OBJECT']);
    }),
);

test('parts that are too small, missing, changed or out of order are refused, and the upload can still be completed', () =>
  withS3(async ({ client }) => {
    const UploadId = await begin(client);
    const parts = await upload(client, UploadId, [Buffer.alloc(5 * MIB), Buffer.alloc(10), Buffer.alloc(10)]);
    const [first = {}, second = {}, third = {}] = parts;
    await expect(complete(client, UploadId, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await expect(complete(client, UploadId, [second, first])).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete(client, UploadId, [first, { ...second, PartNumber: 9 }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(complete(client, UploadId, [first, { ...second, ETag: first.ETag }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(complete(client, UploadId, [])).rejects.toMatchObject({ name: 'MalformedXML' });
    await complete(client, UploadId, [first, third]);
    await expect(complete(client, UploadId, [first, third])).rejects.toMatchObject({ name: 'NoSuchUpload' });
  }));

test('a part whose checksum is not of the upload is refused, and a composite completion without checksums too', () =>
  withS3(async ({ client }) => {
    const UploadId = await begin(client, { ChecksumAlgorithm: 'SHA256' });
    await expect(upload(client, UploadId, [Buffer.from('x')], 'CRC32C')).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
    const [part = {}] = await upload(client, UploadId, [Buffer.from('x')], 'SHA256');
    const { PartNumber, ETag } = part;
    await expect(complete(client, UploadId, [{ PartNumber, ETag }])).rejects.toMatchObject({
      message: expect.stringContaining('must include the checksum for each part'),
    });
    await expect(begin(client, { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' })).rejects.toMatchObject({
      name: 'InvalidRequest',
    });
  }));

test('a completion is conditional as a put is', () =>
  withS3(async ({ client }) => {
    const UploadId = await begin(client);
    const parts = await upload(client, UploadId, [Buffer.from('multi')]);
    await expect(complete(client, UploadId, parts, { IfMatch: '"x"' })).rejects.toMatchObject({ name: 'NoSuchKey' });
    const { ETag } = await client.send(new PutObjectCommand({ Bucket, Key, Body: 'first' }));
    await expect(complete(client, UploadId, parts, { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await complete(client, UploadId, parts, { IfMatch: ETag });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength).toBe(5);
  }));

test('uploads and parts are listed page by page; an aborted upload is gone with its bytes', () =>
  withS3(async ({ client, folder }) => {
    const UploadId = await begin(client);
    await begin(client, { Key: 'another' });
    await upload(client, UploadId, [Buffer.from('1'), Buffer.from('2'), Buffer.from('3')]);
    const list = { Bucket, Key, UploadId };
    const first = await client.send(new ListPartsCommand({ ...list, MaxParts: 2 }));
    expect([first.IsTruncated, first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])]).toEqual([
      true,
      [
        [1, 1],
        [2, 1],
      ],
    ]);
    const rest = await client.send(new ListPartsCommand({ ...list, PartNumberMarker: first.NextPartNumberMarker }));
    expect([rest.IsTruncated, rest.Parts?.map(({ PartNumber }) => PartNumber)]).toEqual([false, [3]]);
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(uploads.Uploads?.map((upload) => upload.Key)).toEqual(['another', Key]);
    const onlyOne = await client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'back' }));
    expect(onlyOne.Uploads?.map((upload) => upload.UploadId)).toEqual([UploadId]);

    await client.send(new AbortMultipartUploadCommand(list));
    await expect(client.send(new ListPartsCommand(list))).rejects.toMatchObject({ name: 'NoSuchUpload' });
    await expect(upload(client, UploadId, [Buffer.from('4')])).rejects.toMatchObject({ name: 'NoSuchUpload' });
    expect(await readdir(`${folder}/${Bucket}/bodies`)).toEqual([]);
  }));
