import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type ServerSideEncryption,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/transport';
import { ServiceUnavailableError } from '../aws/transient.ts';
import type { Documents } from '../documents/documents.ts';
import { UploadFailedError } from './errors.ts';
import type { ObjectStore, StoredPart } from './object-store.ts';
import { s3Call } from './s3-errors.ts';

/** A part of 16 MiB that is not through by then is sent again; it is slower than 140 KB a second. */
const PART_TIMEOUT_MS = 120_000;

/**
 * The bucket as a store of backups. Every part carries its SHA-256, which S3 compares with what arrived
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html), and its completion those of all parts and the size.
 *
 * @param encryptionKey the KMS key to encrypt with; null leaves it to the bucket's default
 * @param metadata      kept with every object
 */
export function createS3Store(options: {
  documents: Documents;
  encryptionKey: string | null;
  metadata: Record<string, string>;
  stop: AbortSignal;
}): ObjectStore {
  const { s3, bucket } = options.documents;
  const where = (key: string) => `s3://${bucket}/${key}`;
  const encryption: { ServerSideEncryption?: ServerSideEncryption; SSEKMSKeyId?: string } =
    options.encryptionKey === null ? {} : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: options.encryptionKey };

  const find = async (key: string) => {
    const input = { Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' } as const;
    try {
      return await s3Call('s3:GetObject', where(key), () => s3.send(new HeadObjectCommand(input)));
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFound') return null;
      throw error;
    }
  };

  return {
    begin: (key) =>
      s3Call('s3:PutObject', where(key), async () => {
        const input = { Bucket: bucket, Key: key, ChecksumAlgorithm: 'SHA256', Metadata: options.metadata } as const;
        const begun = await s3.send(new CreateMultipartUploadCommand({ ...input, ...encryption }));
        if (begun.UploadId) return begun.UploadId;
        throw new UploadFailedError(`S3 began an upload of ${where(key)} without an id.`, {
          remedy: 'Start the backup again.',
        });
      }),

    put: (key, UploadId, { number, body, sha256 }) =>
      s3Call('s3:PutObject', where(key), async () => {
        const input = {
          Bucket: bucket,
          Key: key,
          UploadId,
          PartNumber: number,
          Body: body,
          ChecksumSHA256: sha256.toString('base64'),
        };
        const timeout = AbortSignal.timeout(PART_TIMEOUT_MS);
        const command = new UploadPartCommand(input);
        signWith(command, sha256);
        const stored = await s3.send(command, {
          abortSignal: AbortSignal.any([options.stop, timeout]),
        });
        if (stored.ETag && stored.ChecksumSHA256 === input.ChecksumSHA256) return stored.ETag;
        throw new UploadFailedError(
          `S3 took part ${number} of ${where(key)} and answered another checksum than it was sent.`,
          {
            remedy: 'Start the backup again; if it stays so, look for a proxy that changes what passes.',
          },
        );
      }),

    async complete(key, UploadId, parts, size) {
      const composite = compositeOf(parts);
      const Parts = parts.map(({ number, etag, sha256 }) => ({
        PartNumber: number,
        ETag: etag,
        ChecksumSHA256: sha256.toString('base64'),
      }));
      const input = {
        Bucket: bucket,
        Key: key,
        UploadId,
        MultipartUpload: { Parts },
        MpuObjectSize: size,
        IfNoneMatch: '*',
      };
      try {
        const done = await s3Call('s3:PutObject', where(key), () => s3.send(new CompleteMultipartUploadCommand(input)));
        if (done.ETag && done.ChecksumSHA256 === composite) {
          return { etag: done.ETag, versionId: done.VersionId ?? null, encryptionKey: done.SSEKMSKeyId ?? null };
        }
      } catch (error) {
        if (!isAnswerToSecondTry(error)) throw refused(error, where(key));
      }
      // The first try may have done it and its answer may be lost: the object itself tells.
      const found = await find(key);
      if (found?.ETag && found.ChecksumSHA256 === composite && found.ContentLength === size) {
        return { etag: found.ETag, versionId: found.VersionId ?? null, encryptionKey: found.SSEKMSKeyId ?? null };
      }
      throw new UploadFailedError(
        `${where(key)} is not what was uploaded: S3 has ${found ? 'another object' : 'none'} there.`,
        {
          remedy: 'Find out who writes below backups/ besides us, and start the backup again.',
        },
      );
    },

    abort: async (key, UploadId) => {
      try {
        await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId }));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NoSuchUpload')) throw error;
      }
    },

    async read(key, stop) {
      const from = (at: number, etag?: string) =>
        s3Call('s3:GetObject', where(key), () => {
          const rest = etag === undefined ? {} : { Range: `bytes=${at}-`, IfMatch: etag };
          return s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...rest }), { abortSignal: stop });
        });
      try {
        const got = await from(0);
        const etag = got.ETag ?? '';
        const parts = Number(/-(\d+)"?$/.exec(etag)?.[1] ?? 1);
        const size = got.ContentLength ?? 0;
        const more = async (at: number) => (await from(at, etag)).Body;
        return { size, parts, body: resumed(got.Body, size, more, stop) };
      } catch (error) {
        if (error instanceof Error && error.name === 'NoSuchKey') return null;
        throw error;
      }
    },
  };
}

const RESUMES = 5;

/** The body; where the connection breaks it goes on from there, of the same object or not at all. */
async function* resumed(
  first: unknown,
  size: number,
  more: (at: number) => Promise<unknown>,
  stop: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = 0;
  for (let body = first, tries = 0; ; tries += 1) {
    try {
      for await (const piece of piecesOf(body)) {
        at += piece.length;
        yield piece;
      }
      return;
    } catch (cause) {
      stop.throwIfAborted();
      if (at >= size) return;
      if (tries === RESUMES) {
        throw new ServiceUnavailableError(
          `Reading from S3 broke off ${RESUMES + 1} times, last after ${at} of ${size} bytes.`,
          {
            remedy: 'Start again in a while.',
            cause,
          },
        );
      }
    }
    body = await more(at);
  }
}

/** The signature is over the same SHA-256, which the client would make a second time. */
function signWith({ middlewareStack }: UploadPartCommand, sha256: Buffer): void {
  middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (HttpRequest.isInstance(request)) request.headers['x-amz-content-sha256'] = sha256.toString('hex');
      return next(args);
    },
    { step: 'build', name: 'signWithPartHash', priority: 'low' },
  );
}

/** Of the parts' own checksums, as S3 makes it. */
function compositeOf(parts: readonly StoredPart[]): string {
  const hash = createHash('sha256');
  for (const { sha256 } of parts) hash.update(sha256);
  return `${hash.digest('base64')}-${parts.length}`;
}

/** What S3 says of parts that are not as they should be, in a word of ours; the rest as it is. */
function refused(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || !/^(InvalidPart|EntityTooSmall|InvalidRequest|MalformedXML)/.test(error.name))
    return error;
  return new UploadFailedError(`S3 does not make ${where} of its parts: ${error.name}: ${error.message}`, {
    remedy: 'Start the backup again.',
    cause: error,
  });
}

function isAnswerToSecondTry(error: unknown): boolean {
  return (
    error instanceof Error && ['NoSuchUpload', 'PreconditionFailed', 'ConditionalRequestConflict'].includes(error.name)
  );
}

async function* piecesOf(body: unknown): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) return;
  for await (const piece of body) if (Buffer.isBuffer(piece)) yield piece;
}
