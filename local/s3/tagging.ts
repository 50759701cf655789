import { all, textAt } from '../http/xml-parse.ts';
import type { StreamingReply } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { malformedXml } from './errors.ts';
import { findObject } from './find-object.ts';
import type { ObjectVersion, Tag } from './model.ts';
import { checkTags, versionHeader } from './object-headers.ts';
import { emptyReply, readXml, type S3, type S3Request, xmlReply } from './request.ts';

export async function getObjectTagging(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const object = findObject(bucket, request.key, request.query.get('versionId'));
  const Tag = object.tags.map(({ key, value }) => ({ Key: key, Value: value }));
  return xmlReply('Tagging', { TagSet: { Tag } }, versionHeader(bucket, object));
}

export async function putObjectTagging(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const document = await readXml(request, 'Tagging');
  const [set] = all(document, 'TagSet');
  if (!set) throw malformedXml();
  const tags = all(set, 'Tag').map((tag) => ({ key: textAt(tag, 'Key') ?? '', value: textAt(tag, 'Value') ?? '' }));
  return emptyReply(versionHeader(bucket, await retag(bucket, request, checkTags(tags))));
}

export async function deleteObjectTagging(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  return emptyReply(versionHeader(bucket, await retag(bucket, request, [])), 204);
}

async function retag(bucket: Bucket, request: S3Request, tags: Tag[]): Promise<ObjectVersion> {
  const { versionId } = findObject(bucket, request.key, request.query.get('versionId'));
  await bucket.change(request.key, (versions) =>
    versions.map((version) =>
      version.kind === 'object' && version.versionId === versionId ? { ...version, tags } : version,
    ),
  );
  return findObject(bucket, request.key, versionId);
}
