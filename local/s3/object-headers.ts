import { randomBytes } from 'node:crypto';
import { ServiceError } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import type { ObjectVersion, Tag } from './model.ts';

const STANDARD = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];
const SSE = 'x-amz-server-side-encryption';
const KEY_ID = `${SSE}-aws-kms-key-id`;
const BUCKET_KEY = `${SSE}-bucket-key-enabled`;

/**
 * What a new object keeps of the request's headers: the standard ones, user metadata, storage class, and how it is encrypted,
 * where the bucket's default stands in. Nothing is encrypted in truth; what S3 would answer is answered.
 */
export function keptHeaders(headers: Record<string, string>, bucket: Bucket, kmsKey: string): Record<string, string> {
  const kept: Record<string, string> = { 'content-type': 'binary/octet-stream' };
  let metadata = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (STANDARD.includes(name) || name === 'x-amz-storage-class') kept[name] = value;
    if (!name.startsWith('x-amz-meta-')) continue;
    kept[name] = value;
    metadata += name.length - 'x-amz-meta-'.length + Buffer.byteLength(value);
  }
  if (metadata > 2048)
    throw new ServiceError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  const encoding = (kept['content-encoding'] ?? '').split(',').filter((part) => part.trim() !== 'aws-chunked');
  delete kept['content-encoding'];
  if (encoding.join() !== '') kept['content-encoding'] = encoding.join();
  return { ...kept, ...encryption(headers, bucket, kmsKey) };
}

function encryption(headers: Record<string, string>, bucket: Bucket, kmsKey: string): Record<string, string> {
  const fallback = bucket.documents.encryption ?? '';
  const inDefault = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(fallback)?.[1];
  const algorithm = headers[SSE] ?? inDefault('SSEAlgorithm') ?? 'AES256';
  if (algorithm === 'AES256') return { [SSE]: algorithm };
  if (algorithm !== 'aws:kms') throw invalidArgument('The encryption method specified is not supported', SSE);
  const bucketKey = headers[BUCKET_KEY] ?? (headers[SSE] === undefined ? inDefault('BucketKeyEnabled') : undefined);
  return {
    [SSE]: algorithm,
    [KEY_ID]: headers[KEY_ID] ?? (headers[SSE] === undefined ? inDefault('KMSMasterKeyID') : undefined) ?? kmsKey,
    ...(bucketKey === 'true' ? { [BUCKET_KEY]: 'true' } : {}),
  };
}

/** The encryption headers among those kept: writes answer these only. */
export function encryptionHeaders(kept: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(kept).filter(([name]) => name.startsWith(SSE)));
}

/** Tags of the header `x-amz-tagging`, which has them as a query string. */
export function headerTags(headers: Record<string, string>): Tag[] {
  const tags = [...new URLSearchParams(headers['x-amz-tagging'] ?? '')].map(([key, value]) => ({ key, value }));
  return checkTags(tags);
}

/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
export function checkTags(tags: Tag[]): Tag[] {
  if (tags.length > 10) throw new ServiceError('BadRequest', 'Object tags cannot be greater than 10');
  const keys = new Set(tags.map(({ key }) => key));
  if (keys.size < tags.length) throw new ServiceError('InvalidTag', 'Cannot provide multiple Tags with the same key');
  for (const { key, value } of tags) {
    if (key === '' || key.length > 128) throw new ServiceError('InvalidTag', 'The TagKey you have provided is invalid');
    if (value.length > 256) throw new ServiceError('InvalidTag', 'The TagValue you have provided is invalid');
  }
  return tags;
}

/** The version id of an object about to be written. */
export function newVersionId(bucket: Bucket): string {
  return bucket.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
}

/** `x-amz-version-id`, which buckets that never had versions do not answer. */
export function versionHeader(bucket: Bucket, { versionId }: { versionId: string }): Record<string, string> {
  return bucket.versioning === null ? {} : { 'x-amz-version-id': versionId };
}

/** `versions` with `added` in front; without versioning it takes the place of the one called null. */
export function withNewest<T extends { versionId: string }>(versions: T[], added: T): T[] {
  return [added, ...(added.versionId === 'null' ? versions.filter(({ versionId }) => versionId !== 'null') : versions)];
}

/** All headers of an object's GET and HEAD but length and range. */
export function objectHeaders(bucket: Bucket, object: ObjectVersion): Record<string, string> {
  return {
    ...object.headers,
    ...versionHeader(bucket, object),
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modified).toUTCString(),
    'accept-ranges': 'bytes',
    ...(object.tags.length > 0 ? { 'x-amz-tagging-count': `${object.tags.length}` } : {}),
  };
}
