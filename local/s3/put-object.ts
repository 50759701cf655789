import type { StreamingReply } from '../service.ts';
import { checksumHeaders } from './checksum.ts';
import { writeCondition } from './conditions.ts';
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
import { emptyReply, type S3, type S3Request } from './request.ts';

export async function putObject(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const condition = writeCondition(request.headers, request.key);
  const headers = keptHeaders(request.headers, bucket, s3.kmsKey);
  const tags = headerTags(request.headers);
  condition.begin(bucket.keys.get(request.key) ?? []);

  const received = await bucket.bodies.write((sink) => receive(request, sink));
  const object: ObjectVersion = {
    kind: 'object',
    versionId: newVersionId(bucket),
    modified: s3.now().toISOString(),
    segments: [received.segment],
    size: received.size,
    etag: received.md5,
    headers,
    checksum: received.checksum,
    tags,
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
  return emptyReply({
    etag: `"${object.etag}"`,
    ...checksumHeaders(object.checksum),
    ...encryptionHeaders(headers),
    ...versionHeader(bucket, object),
  });
}
