import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Documents } from '../documents/documents.ts';
import { compareDump } from './compare-rows.ts';
import type { DecodedDump } from './copy-rows.ts';
import { BackupDamagedError } from './errors.ts';
import { backupKeys } from './keys.ts';
import { dataOf, type Manifest, readManifest, type StoredObject } from './manifest.ts';
import type { ObjectStore } from './object-store.ts';
import type { Verification } from './results.ts';
import { s3Call } from './s3-errors.ts';

/** Reads a dump to its end and tells what is in it; what cannot be decoded is a finding in words. */
export type Decode = (dump: AsyncIterable<Buffer>) => Promise<DecodedDump | { broken: string }>;

/**
 * Reads every object of a backup from S3 in full, and decodes the dump: `pg_restore --list` finds neither a cut nor a flipped bit.
 *
 * Sizes, numbers of parts and SHA-256 are compared with the manifest, and the rows that come out with those that were counted in
 * the database. Nothing is written.
 */
export async function examine(options: {
  manifest: Manifest;
  store: Pick<ObjectStore, 'read'>;
  decode: Decode;
  stop: AbortSignal;
}): Promise<{ findings: string[]; bytes: number; rows: number }> {
  const { manifest, store, decode, stop } = options;
  const findings: string[] = [];
  let bytes = 0;
  const read = async function* (object: StoredObject): AsyncGenerator<Buffer> {
    for await (const piece of readWhole(store, object, stop, findings)) {
      bytes += piece.length;
      yield piece;
    }
  };
  for (const object of [manifest.globals, manifest.schemaDocument]) {
    for await (const _ of read(object)) stop.throwIfAborted();
  }
  const dump = async function* () {
    for (const object of manifest.dump) yield* read(object);
  };
  const stream = dump();
  const decoded = await decode(stream);
  // What a decoder that gave up has left: the hashes are of all bytes.
  for await (const _ of stream) stop.throwIfAborted();
  if ('broken' in decoded) findings.push(`the dump cannot be decoded: ${decoded.broken}`);
  else findings.push(...compareDump(manifest, decoded));
  const rows = 'broken' in decoded ? 0 : [...decoded.rows.values()].reduce((sum, count) => sum + count, 0);
  return { findings, bytes, rows };
}

/** The bytes of an object; at their end it is known whether they are those that were stored. */
async function* readWhole(
  store: Pick<ObjectStore, 'read'>,
  object: StoredObject,
  stop: AbortSignal,
  findings: string[],
): AsyncGenerator<Buffer> {
  const { key, size, parts, sha256 } = object;
  const found = await store.read(key, stop);
  if (found === null) {
    findings.push(`${key} is missing`);
    return;
  }
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of found.body) {
    hash.update(piece);
    bytes += piece.length;
    yield piece;
  }
  if (bytes !== size) findings.push(`${key} has ${bytes} bytes; ${size} were stored`);
  if (found.parts !== parts) findings.push(`${key} has ${found.parts} parts; ${parts} were stored`);
  if (hash.digest('hex') !== sha256) findings.push(`${key} is not what was stored: its SHA-256 is another`);
}

export type VerifyOptions = {
  documents: Documents;
  id: string;
  store: Pick<ObjectStore, 'read'>;
  /** By pg_restore of the manifest's version. */
  decoderOf: (manifest: Manifest) => Promise<Decode>;
  stop: AbortSignal;
  now: () => Date;
};

/**
 * Verifies a backup and writes down what was found, also when it is damage: from then on it does not count as verified any more.
 *
 * @throws BackupDamagedError; BackupNotFoundError and what keeps it from being read at all: then nothing was written
 */
export async function verify(options: VerifyOptions): Promise<Verification> {
  const { documents, id, store, decoderOf, stop, now } = options;
  const { value: manifest, etag } = await readManifest(documents, id);
  const begun = now();
  const examined = await examine({ manifest, store, decode: await decoderOf(manifest), stop });
  const { findings, bytes, rows } = examined;
  const at = now();
  const found: Verification = {
    format: 1,
    ...{ id, manifest: etag, result: findings.length === 0 ? 'verified' : 'damaged', at: at.toISOString() },
    ...{
      durationMs: Math.max(0, at.getTime() - begun.getTime()),
      bytes,
      tables: manifest.tables.length,
      rows,
      findings,
    },
  };
  await putResult(documents, backupKeys.verified(id), found);
  if (findings.length === 0) return found;
  const versions = dataOf(manifest).map(({ key, versionId }) => `${key} ${versionId ?? ''}`.trim());
  throw new BackupDamagedError(`The backup ${id} is damaged: ${shown(findings)}.`, {
    remedy: `Make another one now. What was written first may still be there as a version: ${versions.slice(0, 3).join(', ')}`,
  });
}

/** The last word counts: it is written over the one before, which the bucket keeps as a version. */
export async function putResult({ s3, bucket }: Documents, key: string, value: unknown): Promise<void> {
  const Body = `${JSON.stringify(value, null, 2)}\n`;
  await s3Call('s3:PutObject', `s3://${bucket}/${key}`, () =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentType: 'application/json' })),
  );
}

function shown(findings: readonly string[]): string {
  const more = findings.length > 5 ? `; and ${findings.length - 5} more` : '';
  return findings.slice(0, 5).join('; ') + more;
}
