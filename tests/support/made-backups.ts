import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { backupKeys } from '../../lib/backups/keys.ts';
import { findManifest, type Manifest, putManifest, type StoredObject } from '../../lib/backups/manifest.ts';
import type { Drill, Verification } from '../../lib/backups/results.ts';
import { putResult } from '../../lib/backups/verify.ts';
import type { Documents } from '../../lib/documents/documents.ts';

const DAY = 86_400_000;

/** Backups as far as the catalogue is concerned: their objects hold a few words. `now` is the day that ages count from. */
export function backupMaker(documents: Documents, now: Date) {
  const { s3, bucket } = documents;

  async function put(key: string, body: string): Promise<StoredObject> {
    const stored = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    const sha256 = createHash('sha256').update(body).digest('hex');
    const { ETag: etag = '', VersionId: versionId = null } = stored;
    return { key, size: body.length, parts: 1, sha256, etag, versionId };
  }

  async function make(id: string, daysAgo: number, more: Partial<Manifest> & { verified?: boolean } = {}) {
    const { verified = true, ...rest } = more;
    const run = `run-of-${id}`;
    const snapshotAt = new Date(now.getTime() - daysAgo * DAY).toISOString();
    const [globals, schemaDocument] = [
      await put(backupKeys.globals(id, run), 'roles'),
      await put(backupKeys.schema(id, run), 'schema'),
    ];
    const dump = [
      await put(backupKeys.dump(id, run, 1), `dump 1 of ${id}`),
      await put(backupKeys.dump(id, run, 2), 'dump 2'),
    ];
    const made: Manifest = {
      ...{ format: 1, id, run, database: 'carthub', snapshotAt, completedAt: snapshotAt, lsn: '0/0', durationMs: 1 },
      ...{ server: 'x', tool: 'x', major: 15, encoding: 'UTF8', schema: { version: 3, digest: 'd' } },
      ...{ extensions: [], tables: [], largeObjects: 0, globals, schemaDocument, dump },
      ...{ encryptionKey: null, restoreByHand: [], ...rest },
    };
    await putManifest(documents, made);
    if (verified) await verify(id);
    return made;
  }

  const etag = async (id: string) => (await findManifest(documents, id))?.etag ?? '';

  async function verify(id: string, more: Partial<Verification> = {}): Promise<void> {
    const found: Verification = {
      ...{ format: 1, id, manifest: await etag(id), result: 'verified', at: now.toISOString() },
      ...{ durationMs: 1, bytes: 1, tables: 0, rows: 0, findings: [], ...more },
    };
    await putResult(documents, backupKeys.verified(id), found);
  }

  async function drill(id: string, more: Partial<Drill> = {}): Promise<void> {
    const found: Drill = {
      ...{ format: 1, id, manifest: await etag(id), result: 'drilled', at: now.toISOString() },
      ...{ run: null, restoreMs: 1, instanceMs: null, findings: [], ...more },
    };
    await putResult(documents, backupKeys.drilled(id), found);
  }

  return { put, make, verify, drill };
}
