import { ServiceError, type StreamingReply } from '../service.ts';
import { checksumHeaders } from './checksum.ts';
import { checkReadConditions } from './conditions.ts';
import { findObject } from './find-object.ts';
import { objectHeaders } from './object-headers.ts';
import type { S3, S3Request } from './request.ts';

/** GetObject and HeadObject, which answers the same without the body. */
export async function getObject(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const object = findObject(bucket, request.key, request.query.get('versionId'));
  checkReadConditions(request.headers, object);
  const range = parseRange(request.headers.range, object.size);
  const { start, end } = range ?? { start: 0, end: object.size };
  const wantsChecksum = request.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const headers = {
    ...objectHeaders(bucket, object),
    ...(wantsChecksum && !range ? checksumHeaders(object.checksum) : {}),
    'content-length': `${end - start}`,
    ...(range ? { 'content-range': `bytes ${start}-${end - 1}/${object.size}` } : {}),
  };
  const body = request.method === 'HEAD' ? '' : bucket.bodies.read(object.segments, start, end);
  return { status: range ? 206 : 200, headers, body };
}

/** One range of bytes, its end excluded; null for the whole object, also where S3 ignores the header (RFC 9110, 14.2). */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size);
  if (start < end) return { start, end };
  throw new ServiceError('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: header ?? '',
    ActualObjectSize: `${size}`,
  });
}
