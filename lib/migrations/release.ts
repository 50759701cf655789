import * as z from 'zod/mini';
import { fileFacts } from '../lost-writes/facts.ts';
import { fault } from '../runs/verdict.ts';
import { check } from '../schema/checks/check.ts';
import { ignoreRule } from '../schema/ignore.ts';

const releaseFile = z.object({
  version: z.int().check(z.positive()),
  /** The description in the file's name. */
  name: z.string(),
  /** The file's name, `NNN.do.name.sql`. */
  file: z.string(),
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  /** As postgrator keeps it in its history table, over the text with LF line ends. */
  md5: z.string(),
  /** `statements`: its first comment is `-- carthub: no-transaction`, or its one statement cannot run in a transaction. */
  mode: z.enum(['transaction', 'statements']),
  /** What its statements drop or rename, by names without schemas. */
  drops: z.array(z.string()),
  /** What its statements may make or change, by names without schemas; releases of before have none. */
  touches: z._default(z.array(z.string()), []),
  /** What each of its statements may do to rows; releases of before that have none, and their files may have done anything. */
  facts: z.optional(fileFacts),
  /** Why no server would run it, as its text alone tells; releases of before have none. */
  refusal: z.optional(z.nullable(fault)),
  sql: z.string(),
});

/**
 * What one build of the migrations is: every file, in order, with its text, and for each version the schema that the files make of an
 * empty database, by its digest. Kept in S3 under the SHA-256 of its own bytes.
 */
export const release = z.object({
  format: z.literal(1),
  /** The highest version. */
  target: z.int().check(z.nonnegative()),
  files: z.array(releaseFile),
  /** The document with the schemas that the files make of an empty database, version by version: its key in the bucket. */
  schemas: z.string().check(z.regex(/^schemas\/[0-9a-f]{64}\.json$/)),
  /** The checks that are safe on a real database; releases of before have none. */
  checks: z.optional(z.array(check)),
  /** What is not compared, and why. */
  ignore: z.array(ignoreRule),
  /** The digests of these schemas by version, "0" (an empty database) included; null where the files could not be applied that far. */
  expected: z.record(z.string(), z.nullable(z.string())),
  /** Why digests are missing, if they are: which file failed on an empty database, and how. */
  unproven: z.nullable(z.object({ file: z.string(), message: z.string() })),
});

/** Whether the files could be applied to an empty database up to this version. */
export function isProvable({ expected }: Release, version: number): boolean {
  return (expected[`${version}`] ?? null) !== null;
}

export type Release = z.infer<typeof release>;
export type ReleaseFile = z.infer<typeof releaseFile>;
