import * as z from 'zod/mini';
import { ALGORITHMS } from './checksum.ts';

const segment = z.object({ file: z.string(), size: z.int() });
const checksum = z.object({
  algorithm: z.enum(ALGORITHMS),
  type: z.enum(['COMPOSITE', 'FULL_OBJECT']),
  value: z.string(),
});
const tag = z.object({ key: z.string(), value: z.string() });

const object = z.object({
  kind: z.literal('object'),
  /** `null`, in words, where versioning was not on. */
  versionId: z.string(),
  modified: z.string(),
  segments: z.array(segment),
  size: z.int(),
  etag: z.string(),
  /** Content type, user metadata, encryption: as they go back with every GET. */
  headers: z.record(z.string(), z.string()),
  checksum: z.nullable(checksum),
  tags: z.array(tag),
  /** The multipart upload that it was made by. */
  uploadId: z.nullable(z.string()),
});
const marker = z.object({ kind: z.literal('marker'), versionId: z.string(), modified: z.string() });

/** What is kept of a key: its versions, newest first. */
export const keyDocument = z.object({
  key: z.string(),
  versions: z.array(z.discriminatedUnion('kind', [object, marker])),
});

const part = z.object({ segment, etag: z.string(), checksum, modified: z.string() });

export const uploadDocument = z.object({
  uploadId: z.string(),
  key: z.string(),
  initiated: z.string(),
  headers: z.record(z.string(), z.string()),
  tags: z.array(tag),
  /** Null where the client named none: then parts may have any, and the object gets CRC64NVME. */
  algorithm: z.nullable(z.enum(ALGORITHMS)),
  type: z.enum(['COMPOSITE', 'FULL_OBJECT']),
  parts: z.record(z.string(), part),
});

export const bucketDocument = z.object({
  name: z.string(),
  created: z.string(),
  versioning: z.nullable(z.enum(['Enabled', 'Suspended'])),
  /** Configuration documents by sub-resource (`encryption`), as they were put. */
  documents: z.record(z.string(), z.string()),
});

export type ObjectVersion = z.infer<typeof object>;
export type Version = ObjectVersion | z.infer<typeof marker>;
export type Upload = z.infer<typeof uploadDocument>;
export type Part = z.infer<typeof part>;
export type BucketDocument = z.infer<typeof bucketDocument>;
export type Tag = z.infer<typeof tag>;
