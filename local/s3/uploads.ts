import { randomBytes } from 'node:crypto';
import type { StreamingReply } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { type Algorithm, type ChecksumType, checksumHeaders, claimedChecksum, parseAlgorithm } from './checksum.ts';
import { invalidArgument, invalidRequest, noSuchUpload } from './errors.ts';
import type { Upload } from './model.ts';
import { encryptionHeaders, headerTags, keptHeaders } from './object-headers.ts';
import { receive } from './receive.ts';
import { emptyReply, type S3, type S3Request, xmlReply } from './request.ts';

export async function createMultipartUpload(
  s3: S3,
  { bucket: name, key, headers }: S3Request,
): Promise<StreamingReply> {
  const bucket = s3.store.bucket(name);
  const named = headers['x-amz-checksum-algorithm'];
  const algorithm = named === undefined ? null : parseAlgorithm(named);
  const upload: Upload = {
    uploadId: randomBytes(32).toString('base64url'),
    key,
    initiated: s3.now().toISOString(),
    headers: keptHeaders(headers, bucket, s3.kmsKey),
    tags: headerTags(headers),
    algorithm,
    type: checksumType(algorithm, headers['x-amz-checksum-type']),
    parts: {},
  };
  await bucket.begin(upload);
  return xmlReply(
    'InitiateMultipartUploadResult',
    { Bucket: name, Key: key, UploadId: upload.uploadId },
    {
      ...encryptionHeaders(upload.headers),
      ...(algorithm ? { 'x-amz-checksum-algorithm': algorithm, 'x-amz-checksum-type': upload.type } : {}),
    },
  );
}

/** Which algorithm can do what: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
function checksumType(algorithm: Algorithm | null, wanted: string | undefined): ChecksumType {
  const byItself = algorithm === null || algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE';
  if (wanted === undefined) return byItself;
  const impossible =
    wanted === 'FULL_OBJECT'
      ? algorithm?.startsWith('SHA')
      : wanted === 'COMPOSITE'
        ? byItself === 'FULL_OBJECT'
        : true;
  if (impossible)
    throw invalidRequest(`The ${wanted} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
  return wanted === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE';
}

export async function uploadPart(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const upload = findUpload(bucket, request);
  const number = request.query.get('partNumber') ?? '';
  if (!/^\d+$/.test(number) || Number(number) < 1 || Number(number) > 10_000) {
    throw invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber');
  }
  const claimed = claimedChecksum(request.headers)?.algorithm ?? null;
  // An upload without a named algorithm takes parts with any; one whose checksum covers the whole takes parts without.
  if (
    upload.algorithm !== null &&
    claimed !== upload.algorithm &&
    !(claimed === null && upload.type === 'FULL_OBJECT')
  ) {
    throw invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${upload.algorithm.toLowerCase()}, actual checksum Type: ${claimed?.toLowerCase() ?? 'null'}`,
    );
  }
  const received = await bucket.bodies.write((sink) => receive(request, sink, upload.algorithm ?? 'CRC64NVME'));
  const { segment, md5: etag, checksum } = received;
  try {
    await bucket.changeUpload(upload.uploadId, async (now) => ({
      upload: {
        ...now,
        parts: { ...now.parts, [Number(number)]: { segment, etag, checksum, modified: s3.now().toISOString() } },
      },
    }));
  } catch (error) {
    await bucket.bodies.remove([segment]);
    throw error;
  }
  const { 'x-amz-checksum-type': _, ...checksumOfPart } = checksumHeaders(checksum);
  return emptyReply({ etag: `"${etag}"`, ...checksumOfPart, ...encryptionHeaders(upload.headers) });
}

export async function abortMultipartUpload(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  await bucket.changeUpload(findUpload(bucket, request).uploadId, async () => ({ upload: null }));
  return emptyReply({}, 204);
}

/** The upload that the request names, which is one of its key. */
export function findUpload(bucket: Bucket, { key, query }: Pick<S3Request, 'key' | 'query'>): Upload {
  const uploadId = query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(uploadId);
  if (upload?.key !== key) throw noSuchUpload(uploadId);
  return upload;
}
