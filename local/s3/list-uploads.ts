import type { StreamingReply } from '../service.ts';
import { elementOf } from './checksum.ts';
import { countOf, keyEncoder } from './list-keys.ts';
import { type S3, type S3Request, xmlReply } from './request.ts';
import { findUpload } from './uploads.ts';

export async function listParts(s3: S3, request: S3Request): Promise<StreamingReply> {
  const upload = findUpload(s3.store.bucket(request.bucket), request);
  const marker = Number(request.query.get('part-number-marker') ?? '0');
  const count = countOf(request.query, 'max-parts');
  const rest = Object.entries(upload.parts).filter(([number]) => Number(number) > marker);
  const page = rest.slice(0, count);
  return xmlReply('ListPartsResult', {
    Bucket: request.bucket,
    Key: upload.key,
    UploadId: upload.uploadId,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.[0] ?? 0,
    MaxParts: count,
    IsTruncated: rest.length > page.length,
    ChecksumAlgorithm: upload.algorithm,
    ChecksumType: upload.algorithm === null ? null : upload.type,
    StorageClass: upload.headers['x-amz-storage-class'] ?? 'STANDARD',
    Part: page.map(([number, part]) => ({
      PartNumber: number,
      LastModified: part.modified,
      ETag: `"${part.etag}"`,
      Size: part.segment.size,
      [elementOf(part.checksum.algorithm)]: part.checksum.value,
    })),
  });
}

export async function listMultipartUploads(s3: S3, { bucket: name, query }: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(name);
  const encode = keyEncoder(query);
  const prefix = query.get('prefix') ?? '';
  const [keyMarker, idMarker] = [query.get('key-marker') ?? '', query.get('upload-id-marker') ?? ''];
  const count = countOf(query, 'max-uploads');
  const rest = [...bucket.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => compare([a.key, a.uploadId], [b.key, b.uploadId]))
    .filter(({ key, uploadId }) =>
      // Without an upload's id the marker stands for all uploads of its key.
      idMarker === '' ? compare([key], [keyMarker]) > 0 : compare([key, uploadId], [keyMarker, idMarker]) > 0,
    );
  const page = rest.slice(0, count);
  const last = page.at(-1);
  return xmlReply('ListMultipartUploadsResult', {
    Bucket: name,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: last ? encode(last.key) : '',
    NextUploadIdMarker: last?.uploadId ?? '',
    Prefix: encode(prefix),
    MaxUploads: count,
    EncodingType: query.get('encoding-type'),
    IsTruncated: rest.length > page.length,
    Upload: page.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.uploadId,
      Initiated: upload.initiated,
      StorageClass: upload.headers['x-amz-storage-class'] ?? 'STANDARD',
      Owner: { ID: s3.account },
      Initiator: { ID: s3.account },
      ChecksumAlgorithm: upload.algorithm,
      ChecksumType: upload.algorithm === null ? null : upload.type,
    })),
  });
}

function compare(a: string[], b: string[]): number {
  for (const [index, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[index] ?? ''));
    if (order !== 0) return order;
  }
  return 0;
}
