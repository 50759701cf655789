import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ServiceError, type StreamingCall } from '../service.ts';
import { decodeChunks } from './aws-chunked.ts';
import { type Algorithm, type Checksum, claimedChecksum, createChecksum, headerOf } from './checksum.ts';
import { badDigest, incompleteBody, invalidRequest } from './errors.ts';

/** What became of a body: its size, MD5 in hex, and checksum, each true to the bytes that were read. */
export type Received = { size: number; md5: string; checksum: Checksum };

/** S3's largest single PUT and part, 5 GiB. */
const MAX_SIZE = 5 * 1024 ** 3;

/**
 * Reads the body of a request into `sink`, piece by piece, and verifies everything that the client said of it: length,
 * Content-MD5, SHA-256 of the signature, and the checksum in a header or trailer. Throws when any of it is not so.
 *
 * @param fallback the checksum's algorithm where the client names none
 */
export async function receive(
  { content, headers }: Pick<StreamingCall, 'content' | 'headers'>,
  sink: (piece: Buffer) => Promise<void>,
  fallback: Algorithm = 'CRC64NVME',
): Promise<Received> {
  const claimed = claimedChecksum(headers);
  const algorithm = claimed?.algorithm ?? fallback;
  const payload = headers['x-amz-content-sha256'] ?? '';
  const chunked =
    payload.startsWith('STREAMING-') ||
    (headers['content-encoding'] ?? '').split(',').some((part) => part.trim() === 'aws-chunked');
  const length = declaredLength(headers, chunked);
  const trailers = new Map<string, string>();
  const md5 = createHash('md5');
  const sha256 = /^[0-9a-f]{64}$/.test(payload) ? createHash('sha256') : null;
  const checksum = createChecksum(algorithm);
  let size = 0;

  for await (const piece of chunked ? decodeChunks(content, trailers) : whole(content)) {
    size += piece.length;
    if (size > length) throw incompleteBody();
    md5.update(piece);
    sha256?.update(piece);
    checksum.update(piece);
    await sink(piece);
  }

  if (size !== length) throw incompleteBody();
  const value = checksum.digest().toString('base64');
  const digest = md5.digest();
  verifyMd5(headers['content-md5'], digest);
  if (sha256 && sha256.digest('hex') !== payload) {
    throw new ServiceError(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const expected = claimed ? (claimed.value ?? trailers.get(headerOf(algorithm))) : value;
  if (expected === undefined)
    throw invalidRequest(`The trailer ${headerOf(algorithm)} was announced and did not come.`);
  if (expected !== value) throw badDigest(algorithm);
  return { size, md5: digest.toString('hex'), checksum: { algorithm, type: 'FULL_OBJECT', value } };
}

/** The body of a request that is a small document. */
export async function receiveDocument(call: Pick<StreamingCall, 'content' | 'headers'>): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  await receive(call, async (piece) => {
    size += piece.length;
    // A DeleteObjects of 1,000 keys, and a completion of 10,000 parts, stay below.
    if (size > 4 * 1024 * 1024) throw new ServiceError('MaxMessageLengthExceeded', 'Your request was too large.');
    pieces.push(piece);
  });
  return Buffer.concat(pieces).toString();
}

/** Leaves the connection open when the reader stops early, so that the error can still be answered. */
function whole(content: Readable): AsyncIterable<Buffer> {
  return content.iterator({ destroyOnReturn: false });
}

function declaredLength(headers: Record<string, string>, chunked: boolean): number {
  const text =
    (chunked ? headers['x-amz-decoded-content-length'] : headers['content-length']) ??
    (chunked ? undefined : noBody(headers));
  const length = Number(text);
  if (text === undefined || !Number.isInteger(length)) {
    throw new ServiceError('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411);
  }
  if (length > MAX_SIZE) {
    throw new ServiceError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', 400, {
      ProposedSize: `${length}`,
      MaxSizeAllowed: `${MAX_SIZE}`,
    });
  }
  return length;
}

/** HTTP lets a request without a body leave both headers out. */
function noBody(headers: Record<string, string>): string | undefined {
  return headers['transfer-encoding'] === undefined ? '0' : undefined;
}

function verifyMd5(given: string | undefined, digest: Buffer): void {
  if (given === undefined) return;
  if (Buffer.from(given, 'base64').length !== 16) {
    throw new ServiceError('InvalidDigest', 'The Content-MD5 you specified was invalid.');
  }
  if (given !== digest.toString('base64')) throw badDigest('Content-MD5');
}
