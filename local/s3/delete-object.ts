import { all, textAt } from '../http/xml-parse.ts';
import { ServiceError, type StreamingReply } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { currentObject } from './conditions.ts';
import { malformedXml, preconditionFailed } from './errors.ts';
import { newVersionId, withNewest } from './object-headers.ts';
import { emptyReply, readXml, type S3, type S3Request, xmlReply } from './request.ts';

export async function deleteObject(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const deleted = await remove(s3, bucket, {
    key: request.key,
    versionId: request.query.get('versionId'),
    etag: request.headers['if-match'] ?? null,
  });
  return emptyReply(
    {
      ...(deleted.marker ? { 'x-amz-delete-marker': 'true' } : {}),
      ...(deleted.versionId === null ? {} : { 'x-amz-version-id': deleted.versionId }),
    },
    204,
  );
}

export async function deleteObjects(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const document = await readXml(request, 'Delete');
  const objects = all(document, 'Object');
  if (objects.length === 0 || objects.length > 1000) throw malformedXml();
  const [Deleted, Errors]: Record<string, unknown>[][] = [[], []];
  for (const object of objects) {
    const key = textAt(object, 'Key') ?? '';
    const versionId = textAt(object, 'VersionId');
    try {
      const deleted = await remove(s3, bucket, { key, versionId, etag: textAt(object, 'ETag') });
      Deleted?.push({
        Key: key,
        ...(versionId === null ? {} : { VersionId: versionId }),
        ...(deleted.marker ? { DeleteMarker: true, DeleteMarkerVersionId: deleted.versionId } : {}),
      });
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      Errors?.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message });
    }
  }
  const quiet = textAt(document, 'Quiet') === 'true';
  return xmlReply('DeleteResult', { ...(quiet ? {} : { Deleted }), Error: Errors });
}

type Deleted = { marker: boolean; versionId: string | null };

/** Deleting what is not there succeeds, as in S3. */
async function remove(
  s3: S3,
  bucket: Bucket,
  { key, versionId, etag }: { key: string; versionId: string | null; etag: string | null },
): Promise<Deleted> {
  let deleted: Deleted = { marker: false, versionId };
  await bucket.change(key, (versions) => {
    const target =
      versionId === null ? currentObject(versions) : versions.find((version) => version.versionId === versionId);
    if (etag !== null && etag !== '*' && !(target?.kind === 'object' && etag.replaceAll('"', '') === target.etag)) {
      throw preconditionFailed('If-Match');
    }
    if (versionId !== null) {
      deleted = { marker: target?.kind === 'marker', versionId };
      return versions.filter((version) => version !== target);
    }
    if (bucket.versioning === null) return [];
    const marker = { kind: 'marker' as const, versionId: newVersionId(bucket), modified: s3.now().toISOString() };
    deleted = { marker: true, versionId: marker.versionId };
    return withNewest(versions, marker);
  });
  return deleted;
}
