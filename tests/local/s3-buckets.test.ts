import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { expect, test } from '@jest/globals';
import { signedFetch } from './signed-fetch.ts';
import { Bucket, withS3 } from './with-s3.ts';

async function put(client: S3Client, ...keys: string[]): Promise<void> {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
}

async function versioning(client: S3Client, Status: 'Enabled' | 'Suspended'): Promise<void> {
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
}

async function read(client: S3Client, Key: string, VersionId?: string): Promise<string | undefined> {
  const version = VersionId === undefined ? {} : { VersionId };
  return (await client.send(new GetObjectCommand({ Bucket, Key, ...version }))).Body?.transformToString();
}

test('a bucket is made once, found, listed, and refused under a name that S3 refuses', () =>
  withS3(async ({ client }) => {
    await client.send(
      new CreateBucketCommand({ Bucket: 'another', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    await client.send(new HeadBucketCommand({ Bucket: 'another' }));
    await expect(client.send(new HeadBucketCommand({ Bucket: 'nowhere' }))).rejects.toMatchObject({ name: 'NotFound' });
    await expect(client.send(new CreateBucketCommand({ Bucket: 'another' }))).rejects.toMatchObject({
      name: 'BucketAlreadyOwnedByYou',
    });
    await expect(client.send(new CreateBucketCommand({ Bucket: 'Upper_Case' }))).rejects.toMatchObject({
      name: 'InvalidBucketName',
    });
    expect((await client.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toEqual([
      'another',
      Bucket,
    ]);
    expect((await client.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint).toBe('eu-west-1');
  }));

test('objects are listed in the order of their bytes, page by page, without repeating or losing one', () =>
  withS3(async ({ client }) => {
    const keys = ['a', 'a/b', 'a b', 'é', 'z', '🍏', '\uffee', ...Array.from({ length: 20 }, (_, n) => `n/${n}`)];
    await put(client, ...keys);
    const found: string[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 4 }, { Bucket })) {
      expect(page.KeyCount).toBeLessThanOrEqual(4);
      found.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    }
    expect(found).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    const [entry] = (await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'a/' }))).Contents ?? [];
    expect(entry).toMatchObject({
      Key: 'a/b',
      Size: 3,
      ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
      StorageClass: 'STANDARD',
    });
  }));

test('a delimiter rolls keys up into common prefixes, once each, over pages too', () =>
  withS3(async ({ client }) => {
    await put(client, 'runs/1/a', 'runs/1/b', 'runs/2/a', 'runs/3.json', 'runs/4/a', 'other');
    const names: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2(
      { client, pageSize: 1 },
      { Bucket, Prefix: 'runs/', Delimiter: '/' },
    )) {
      names.push(
        ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
        ...(page.Contents ?? []).map(({ Key }) => Key),
      );
    }
    expect(names).toEqual(['runs/1/', 'runs/2/', 'runs/3.json', 'runs/4/']);
    const after = await client.send(new ListObjectsV2Command({ Bucket, StartAfter: 'runs/2/a' }));
    expect(after.Contents?.map(({ Key }) => Key)).toEqual(['runs/3.json', 'runs/4/a']);
    const encoded = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix: 'runs/3', EncodingType: 'url', MaxKeys: 0 }),
    );
    expect(encoded).toMatchObject({ KeyCount: 0, IsTruncated: false });
  }));

test('with versioning every put and delete keeps what was there, and each version is read by its id', () =>
  withS3(async ({ client }) => {
    await put(client, 'k');
    await versioning(client, 'Enabled');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
    const second = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'second' }));
    const gone = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(gone).toMatchObject({ DeleteMarker: true, VersionId: expect.any(String) });

    await expect(read(client, 'k')).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await read(client, 'k', second.VersionId)).toBe('second');
    expect(await read(client, 'k', 'null')).toBe('k');
    await expect(read(client, 'k', gone.VersionId)).rejects.toMatchObject({ name: 'MethodNotAllowed' });
    await expect(read(client, 'k', 'never')).rejects.toMatchObject({ name: 'NoSuchVersion' });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).rejects.toMatchObject({ name: 'NotFound' });
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);

    const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [second.VersionId, false],
      ['null', false],
    ]);
    expect(listed.DeleteMarkers?.map(({ VersionId, IsLatest }) => [VersionId, IsLatest])).toEqual([
      [gone.VersionId, true],
    ]);

    const VersionId = gone.VersionId ?? '';
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }));
    expect(await read(client, 'k')).toBe('second');
  }));

test('a conditional create succeeds over a delete marker, and suspended versioning replaces only the version called null', () =>
  withS3(async ({ client }) => {
    await versioning(client, 'Enabled');
    const first = await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'first' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'again', IfNoneMatch: '*' }));
    await versioning(client, 'Suspended');
    await put(client, 'k', 'k');
    const listed = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions?.map(({ VersionId }) => VersionId === 'null')).toEqual([true, false, false]);
    expect(listed.Versions?.at(-1)?.VersionId).toBe(first.VersionId);
  }));

test('versions are listed page by page, also when a page ends inside a key', () =>
  withS3(async ({ client }) => {
    await versioning(client, 'Enabled');
    await put(client, 'a', 'b', 'b', 'b', 'c');
    const found: (string | undefined)[] = [];
    let from: { KeyMarker?: string; VersionIdMarker?: string } | null = {};
    while (from) {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...from }),
      );
      found.push(...(page.Versions ?? []).map(({ Key }) => Key));
      const { NextKeyMarker: KeyMarker = '', NextVersionIdMarker: VersionIdMarker = '' } = page;
      from = page.IsTruncated ? { KeyMarker, VersionIdMarker } : null;
    }
    expect(found).toEqual(['a', 'b', 'b', 'b', 'c']);
  }));

test('a bucket keeps its configuration over a restart, and its default encryption reaches new objects', () =>
  withS3(async ({ client, restart }) => {
    const rule = { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const }, BucketKeyEnabled: true };
    await expect(client.send(new GetBucketEncryptionCommand({ Bucket }))).rejects.toMatchObject({
      name: 'ServerSideEncryptionConfigurationNotFoundError',
    });
    await client.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules: [rule] } }));
    const block = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    };
    await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block }));
    const lifecycle = { ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: 'x/' }, Expiration: { Days: 3 } };
    await client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [lifecycle] } }),
    );
    await restart(async (after) => {
      const encryption = await after.send(new GetBucketEncryptionCommand({ Bucket }));
      expect(encryption.ServerSideEncryptionConfiguration?.Rules).toMatchObject([rule]);
      expect((await after.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual(
        block,
      );
      expect((await after.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual([lifecycle]);
      const object = await after.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
      expect(object).toMatchObject({ ServerSideEncryption: 'aws:kms', BucketKeyEnabled: true });
    });
  }));

test('sub-resources, parameters and headers that it does not know are refused by name and write nothing', () =>
  withS3(async ({ client, url }) => {
    await put(client, 'k');
    const refused: [string, string, string, Record<string, string>?][] = [
      ['PUT', 'k?acl', 'PUT object ?acl'],
      ['PUT', 'k?retention', 'PUT object ?retention'],
      ['PUT', 'k?legal-hold', 'PUT object ?legal-hold'],
      ['PUT', 'k?partNumber=1', 'PUT object ?partNumber'],
      ['PUT', 'k?never-heard-of', 'PUT object ?never-heard-of'],
      ['POST', 'k?select&select-type=2', 'POST object ?select ?select-type'],
      ['POST', 'k?restore', 'POST object ?restore'],
      ['GET', 'k?attributes', 'GET object ?attributes'],
      ['GET', 'k?partNumber=1', 'GET object ?partNumber'],
      ['GET', 'k?response-content-type=a', 'GET object ?response-content-type'],
      ['PUT', '?policy', 'PUT bucket ?policy'],
      ['PUT', '?object-lock', 'PUT bucket ?object-lock'],
      ['DELETE', '', 'DELETE bucket'],
      ['PUT', 'k', 'PutObject with the header x-amz-object-lock-mode', { 'x-amz-object-lock-mode': 'COMPLIANCE' }],
      ['PUT', 'k', 'PutObject with the header x-amz-write-offset-bytes', { 'x-amz-write-offset-bytes': '1' }],
      ['PUT', 'k', 'PutObject with the header x-amz-acl', { 'x-amz-acl': 'public-read' }],
    ];
    for (const [method, path, name, headers = {}] of refused) {
      const body = method === 'GET' || method === 'DELETE' ? '' : '<Some><Xml>document</Xml></Some>';
      const answer = await signedFetch(`${url}/${Bucket}/${path}`, { method, headers, body });
      expect([name, answer.status, answer.text]).toEqual([
        name,
        501,
        expect.stringContaining(`<Message>The local cloud does not implement s3:${name}.</Message>`),
      ]);
    }
    expect(await read(client, 'k')).toBe('k');
  }));
