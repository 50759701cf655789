import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type * as z from 'zod/mini';
import { CarthubError } from '../errors.ts';

/** Where the system keeps its JSON documents: leases, releases, runs. */
export type Documents = { s3: S3Client; bucket: string };

/** A document in the bucket is not what its key says. */
export class DocumentInvalidError extends CarthubError {
  override readonly name = 'DocumentInvalidError';
}

/** The document as it is stored, or null when there is none. `etag` names exactly this content for a conditional put. */
export async function readDocument<T extends z.ZodMiniType>(
  documents: Documents,
  key: string,
  schema: T,
): Promise<{ value: z.infer<T>; etag: string } | null> {
  const found = await readText(documents, key);
  if (found === null) return null;
  return { value: parseDocument(found.text, schema, `s3://${documents.bucket}/${key}`), etag: found.etag };
}

/** A document that may be of no use: `value` is null when there is none, and when `unreadable` says what is wrong with it. */
export type Found<T> = { value: T | null; etag: string | null; unreadable: string | null };

/**
 * As {@link readDocument}, for a document that must not stop whoever reads it: one that is not JSON, of another shape or of
 * a version that nobody knows any more counts as not there. `etag` is set whenever something is, so that it can be replaced.
 */
export async function readIfReadable<T extends z.ZodMiniType>(
  documents: Documents,
  key: string,
  schema: T,
): Promise<Found<z.infer<T>>> {
  const found = await readText(documents, key);
  if (found === null) return { value: null, etag: null, unreadable: null };
  const { text, etag } = found;
  try {
    return { value: parseDocument(text, schema, key), etag, unreadable: null };
  } catch (error) {
    if (!(error instanceof DocumentInvalidError)) throw error;
    return { value: null, etag, unreadable: error.message };
  }
}

async function readText({ s3, bucket }: Documents, key: string): Promise<{ text: string; etag: string } | null> {
  try {
    const got = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { text: (await got.Body?.transformToString()) ?? '', etag: got.ETag ?? '' };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return null;
    throw error;
  }
}

/** Parses a document's text; `where` is named in the error. */
export function parseDocument<T extends z.ZodMiniType>(text: string, schema: T, where: string): z.infer<T> {
  const remedy = 'Look at the object and its earlier versions: aws s3api list-object-versions';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DocumentInvalidError(`${where} is not JSON.`, { remedy, cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DocumentInvalidError(`${where}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`, {
    remedy,
  });
}

/**
 * Writes the document if it is not there (`etag` null) or still is the one that was read.
 * False when somebody else was faster, or perhaps we ourselves, in a call whose answer was lost: read it back.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export async function putDocument(
  { s3, bucket }: Documents,
  key: string,
  value: unknown,
  etag: string | null,
): Promise<boolean> {
  try {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: `${JSON.stringify(value, null, 2)}\n`,
        ContentType: 'application/json',
        ...(etag === null ? { IfNoneMatch: '*' } : { IfMatch: etag }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && ['PreconditionFailed', 'ConditionalRequestConflict'].includes(error.name))
      return false;
    throw error;
  }
}

/** Writes the document in the place of whatever is there: the last word counts. */
export async function replaceDocument({ s3, bucket }: Documents, key: string, value: unknown): Promise<void> {
  const body = `${JSON.stringify(value)}\n`;
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: 'application/json' }));
}
