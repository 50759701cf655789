import { createHash } from 'node:crypto';
import { all, textAt } from '../http/xml-parse.ts';
import { ServiceError, type StreamingReply } from '../service.ts';
import type { Bucket } from './bucket.ts';
import { type Checksum, checksumElements, claimedChecksum, createChecksum, elementOf } from './checksum.ts';
import { writeCondition } from './conditions.ts';
import { badDigest, invalidRequest, malformedXml } from './errors.ts';
import type { ObjectVersion, Part, Upload } from './model.ts';
import { encryptionHeaders, newVersionId, versionHeader, withNewest } from './object-headers.ts';
import { readXml, type S3, type S3Request, xmlReply } from './request.ts';
import { findUpload } from './uploads.ts';

const MIN_PART = 5 * 1024 * 1024;

export async function completeMultipartUpload(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const { uploadId } = findUpload(bucket, request);
  const condition = writeCondition(request.headers, request.key);
  // The body is a list of parts: its checksum header is that of the object, not of the list.
  const { claimed, headers } = splitChecksum(request.headers);
  const document = await readXml({ ...request, headers }, 'CompleteMultipartUpload');
  condition.begin(bucket.keys.get(request.key) ?? []);

  let completed: ObjectVersion | null = null;
  await bucket.changeUpload(uploadId, async (upload) => {
    const parts = chooseParts(upload, all(document, 'Part'));
    const checksum = await objectChecksum(bucket, upload, parts);
    if (claimed !== null && claimed !== checksum.value) throw badDigest(checksum.algorithm);
    const size = parts.reduce((sum, { segment }) => sum + segment.size, 0);
    if (![undefined, `${size}`].includes(request.headers['x-amz-mp-object-size'])) {
      throw invalidRequest(`The provided 'x-amz-mp-object-size' header does not match what was computed: ${size}.`);
    }
    const object: ObjectVersion = {
      kind: 'object',
      versionId: newVersionId(bucket),
      modified: s3.now().toISOString(),
      segments: parts.map(({ segment }) => segment),
      size,
      etag: `${md5OfMd5s(parts)}-${parts.length}`,
      headers: upload.headers,
      checksum,
      tags: upload.tags,
      uploadId,
    };
    await bucket.change(request.key, (versions) => {
      condition.commit(versions);
      return withNewest(versions, object);
    });
    completed = object;
    return { upload: null, taken: object.segments };
  });
  return reply(bucket, request, completed);
}

function reply(bucket: Bucket, request: S3Request, object: ObjectVersion | null): StreamingReply {
  if (!object) throw new ServiceError('InternalError', 'The upload was completed without an object.', 500);
  return xmlReply(
    'CompleteMultipartUploadResult',
    {
      Location: `http://${request.headers.host}/${request.bucket}/${encodeURIComponent(request.key)}`,
      Bucket: request.bucket,
      Key: request.key,
      ETag: `"${object.etag}"`,
      ...checksumElements(object.checksum),
    },
    { ...encryptionHeaders(object.headers), ...versionHeader(bucket, object) },
  );
}

/** The parts that the client lists, which must be in order, as they were uploaded, and large enough but for the last. */
function chooseParts(upload: Upload, listed: ReturnType<typeof all>): Part[] {
  if (listed.length === 0) throw malformedXml();
  let previous = 0;
  const parts = listed.map((element) => {
    const number = Number(textAt(element, 'PartNumber'));
    const part = upload.parts[`${number}`];
    const etag = textAt(element, 'ETag')?.replaceAll('"', '');
    if (number <= previous) {
      throw new ServiceError(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    previous = number;
    const given = part ? textAt(element, elementOf(part.checksum.algorithm)) : null;
    if (!part || part.etag !== etag || (given !== null && given !== part.checksum.value)) {
      throw new ServiceError(
        'InvalidPart',
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
        400,
        { UploadId: upload.uploadId, PartNumber: `${number}`, ETag: etag ?? '' },
      );
    }
    if (given === null && upload.type === 'COMPOSITE') {
      throw invalidRequest(
        `The upload was created using a ${upload.algorithm?.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    return part;
  });
  const small = parts.slice(0, -1).findIndex(({ segment }) => segment.size < MIN_PART);
  if (small >= 0) {
    throw new ServiceError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', 400, {
      ProposedSize: `${parts[small]?.segment.size}`,
      MinSizeAllowed: `${MIN_PART}`,
    });
  }
  return parts;
}

/** Of the parts' checksums where it is composite, else of all bytes, read once more from the disk. */
async function objectChecksum(bucket: Bucket, upload: Upload, parts: Part[]): Promise<Checksum> {
  const algorithm = upload.algorithm ?? 'CRC64NVME';
  const sum = createChecksum(algorithm);
  if (upload.type === 'COMPOSITE') {
    for (const { checksum } of parts) sum.update(Buffer.from(checksum.value, 'base64'));
    return { algorithm, type: 'COMPOSITE', value: `${sum.digest().toString('base64')}-${parts.length}` };
  }
  const segments = parts.map(({ segment }) => segment);
  const size = segments.reduce((total, segment) => total + segment.size, 0);
  for await (const piece of bucket.bodies.read(segments, 0, size)) sum.update(piece);
  return { algorithm, type: 'FULL_OBJECT', value: sum.digest().toString('base64') };
}

function md5OfMd5s(parts: Part[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(Buffer.from(etag, 'hex'));
  return md5.digest('hex');
}

function splitChecksum(all: Record<string, string>): { claimed: string | null; headers: Record<string, string> } {
  const claimed = claimedChecksum(all);
  const headers = Object.fromEntries(Object.entries(all).filter(([name]) => !name.startsWith('x-amz-checksum-')));
  return { claimed: claimed?.value ?? null, headers };
}
