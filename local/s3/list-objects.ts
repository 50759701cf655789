import type { StreamingReply } from '../service.ts';
import { currentObject } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { countOf, keyEncoder, listKeys } from './list-keys.ts';
import type { ObjectVersion } from './model.ts';
import { type S3, type S3Request, xmlReply } from './request.ts';

/** ListObjectsV2. A continuation token is the last entry of the page before. */
export async function listObjects(s3: S3, { bucket: name, query }: S3Request): Promise<StreamingReply> {
  if (query.get('list-type') !== '2')
    throw invalidArgument('The local cloud lists objects by version 2 only.', 'list-type');
  const bucket = s3.store.bucket(name);
  const encode = keyEncoder(query);
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const after = token === null ? (startAfter ?? '') : fromToken(token);
  const count = countOf(query, 'max-keys');

  const objects = new Map<string, ObjectVersion>();
  for (const [key, versions] of bucket.keys) {
    const object = currentObject(versions);
    if (object) objects.set(key, object);
  }
  const entries = listKeys(objects.keys(), { prefix, delimiter, after });
  const page = entries.slice(0, count);
  const truncated = entries.length > page.length && count > 0;
  return xmlReply('ListBucketResult', {
    Name: name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? null : encode(delimiter),
    MaxKeys: count,
    EncodingType: query.get('encoding-type'),
    KeyCount: page.length,
    IsTruncated: truncated,
    ContinuationToken: token,
    NextContinuationToken: truncated ? toToken(page.at(-1)?.key ?? '') : null,
    StartAfter: startAfter === null ? null : encode(startAfter),
    Contents: page.flatMap(({ kind, key }) => {
      const object = kind === 'key' ? objects.get(key) : undefined;
      return object ? [content(encode(key), object, query.get('fetch-owner') === 'true' ? s3.account : null)] : [];
    }),
    CommonPrefixes: page.filter(({ kind }) => kind === 'prefix').map(({ key }) => ({ Prefix: encode(key) })),
  });
}

function content(key: string, object: ObjectVersion, owner: string | null): Record<string, unknown> {
  return {
    Key: key,
    LastModified: object.modified,
    ETag: `"${object.etag}"`,
    ChecksumAlgorithm: object.checksum?.algorithm,
    ChecksumType: object.checksum?.type,
    Size: object.size,
    StorageClass: object.headers['x-amz-storage-class'] ?? 'STANDARD',
    Owner: owner === null ? null : { ID: owner },
  };
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function fromToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (toToken(key) !== token)
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  return key;
}
