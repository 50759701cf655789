import { notImplemented, type StreamingReply } from '../service.ts';
import { checksumElements, parseAlgorithm } from './checksum.ts';
import { checkReadConditions, writeCondition } from './conditions.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { findObject } from './find-object.ts';
import type { ObjectVersion } from './model.ts';
import {
  encryptionHeaders,
  headerTags,
  keptHeaders,
  newVersionId,
  versionHeader,
  withNewest,
} from './object-headers.ts';
import { receive } from './receive.ts';
import { type S3, type S3Request, xmlReply } from './request.ts';

/** Copies within the store. The copy's body is read anew, as its ETag and checksum are those of one part. */
export async function copyObject(s3: S3, request: S3Request): Promise<StreamingReply> {
  const { headers } = request;
  const bucket = s3.store.bucket(request.bucket);
  const from = parseSource(headers['x-amz-copy-source'] ?? '');
  const source = findObject(s3.store.bucket(from.bucket), from.key, from.versionId);
  checkReadConditions(headers, source, 'x-amz-copy-source-');
  const replaces = directive(headers, 'x-amz-metadata-directive');
  const replacesTags = directive(headers, 'x-amz-tagging-directive');
  const itself = from.bucket === request.bucket && from.key === request.key && from.versionId === null;
  if (itself && !replaces && headers['x-amz-server-side-encryption'] === undefined) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const condition = writeCondition(headers, request.key);
  condition.begin(bucket.keys.get(request.key) ?? []);
  const kept = keptHeaders(
    replaces ? headers : { ...withoutEncryption(source.headers), ...encryptionHeaders(headers) },
    bucket,
    s3.kmsKey,
  );
  const named = headers['x-amz-checksum-algorithm'];
  const algorithm = named === undefined ? source.checksum?.algorithm : parseAlgorithm(named);

  const content = s3.store.bucket(from.bucket).bodies.read(source.segments, 0, source.size);
  const received = await bucket.bodies.write((sink) =>
    receive({ content, headers: { 'content-length': `${source.size}` } }, sink, algorithm),
  );
  const object: ObjectVersion = {
    ...source,
    versionId: newVersionId(bucket),
    modified: s3.now().toISOString(),
    segments: [received.segment],
    etag: received.md5,
    headers: kept,
    checksum: received.checksum,
    tags: replacesTags ? headerTags(headers) : source.tags,
    uploadId: null,
  };
  try {
    await bucket.change(request.key, (versions) => {
      condition.commit(versions);
      return withNewest(versions, object);
    });
  } catch (error) {
    await bucket.bodies.remove(object.segments);
    throw error;
  }
  return xmlReply(
    'CopyObjectResult',
    { LastModified: object.modified, ETag: `"${object.etag}"`, ...checksumElements(object.checksum) },
    {
      ...versionHeader(bucket, object),
      ...(source.versionId === 'null' ? {} : { 'x-amz-copy-source-version-id': source.versionId }),
      ...encryptionHeaders(kept),
    },
  );
}

function parseSource(header: string): { bucket: string; key: string; versionId: string | null } {
  const [path = '', version] = header.split('?versionId=');
  const [bucket, ...key] = decodeURIComponent(path).replace(/^\//, '').split('/');
  if (!bucket || key.join('/') === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
    );
  }
  if (bucket.startsWith('arn:')) throw notImplemented('s3', 'a copy from an access point');
  return { bucket, key: key.join('/'), versionId: version ?? null };
}

function directive(headers: Record<string, string>, name: string): boolean {
  const value = headers[name] ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE') throw invalidArgument(`Unknown ${name}.`, name);
  return value === 'REPLACE';
}

function withoutEncryption(headers: Record<string, string>): Record<string, string> {
  const encryption = encryptionHeaders(headers);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !(name in encryption)));
}
