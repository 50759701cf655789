import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocuments, writeDocument } from '../documents.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { type Bodies, openBodies, type Segment } from './bodies.ts';
import { noSuchUpload } from './errors.ts';
import { type BucketDocument, keyDocument, type Upload, uploadDocument, type Version } from './model.ts';

/**
 * A bucket in memory, with its documents on disk. A document is replaced before memory changes: what was answered survives
 * a killed process, and what was not is there whole or not at all.
 */
export type Bucket = BucketDocument & {
  readonly keys: ReadonlyMap<string, Version[]>;
  readonly uploads: ReadonlyMap<string, Upload>;
  readonly bodies: Bodies;
  /** Runs `change` on a key's versions, newest first, alone; what it returns is kept, bodies that it drops are removed. */
  change(key: string, change: (versions: Version[]) => Version[]): Promise<void>;
  /** Keeps the bucket's own document. */
  save(): Promise<void>;
  begin(upload: Upload): Promise<void>;
  /**
   * Runs `change` on an upload, alone. A null upload is forgotten, parts that it drops are removed, except those that an
   * object took over.
   */
  changeUpload(
    uploadId: string,
    change: (upload: Upload) => Promise<{ upload: Upload | null; taken?: Segment[] }>,
  ): Promise<void>;
};

/** Opens a bucket's folder and removes what a crash left half-made. */
export async function openBucket(folder: string, document: BucketDocument): Promise<Bucket> {
  const [keysFolder, uploadsFolder] = [join(folder, 'keys'), join(folder, 'uploads')];
  const keyFile = (key: string) => join(keysFolder, `${createHash('sha256').update(key).digest('hex')}.json`);
  const uploadFile = (uploadId: string) => join(uploadsFolder, `${uploadId}.json`);
  const bodies = await openBodies(join(folder, 'bodies'));
  const keys = new Map<string, Version[]>();
  for (const found of await readDocuments(keysFolder)) {
    const { key, versions } = keyDocument.parse(found);
    keys.set(key, versions);
  }
  const completed = new Set([...keys.values()].flat().map((version) => version.kind === 'object' && version.uploadId));
  const uploads = new Map<string, Upload>();
  for (const found of await readDocuments(uploadsFolder)) {
    const upload = uploadDocument.parse(found);
    // The process died between the object's document and this one's removal.
    if (completed.has(upload.uploadId)) await rm(uploadFile(upload.uploadId));
    else uploads.set(upload.uploadId, upload);
  }
  const used = [...[...keys.values()].flatMap(segmentsOf), ...[...uploads.values()].flatMap(partsOf)];
  await bodies.sweep(new Set(used.map(({ file }) => file)));
  const alone = oneAtATime();

  const bucket: Bucket = {
    ...document,
    keys,
    uploads,
    bodies,
    change: (key, change) =>
      alone(`key ${key}`, async () => {
        const before = keys.get(key) ?? [];
        const after = change(before);
        if (after.length > 0) await writeDocument(keyFile(key), { key, versions: after });
        else await rm(keyFile(key), { force: true });
        if (after.length > 0) keys.set(key, after);
        else keys.delete(key);
        await bodies.remove(without(segmentsOf(before), segmentsOf(after)));
      }),
    save: () => {
      const { name, created, versioning, documents } = bucket;
      return alone('bucket', () =>
        writeDocument(join(folder, 'bucket.json'), { name, created, versioning, documents }),
      );
    },
    begin: (upload) =>
      alone(`upload ${upload.uploadId}`, async () => {
        await writeDocument(uploadFile(upload.uploadId), upload);
        uploads.set(upload.uploadId, upload);
      }),
    changeUpload: (uploadId, change) =>
      alone(`upload ${uploadId}`, async () => {
        const before = uploads.get(uploadId);
        if (!before) throw noSuchUpload(uploadId);
        const { upload: after, taken = [] } = await change(before);
        if (after) await writeDocument(uploadFile(uploadId), after);
        else await rm(uploadFile(uploadId), { force: true });
        if (after) uploads.set(uploadId, after);
        else uploads.delete(uploadId);
        await bodies.remove(without(partsOf(before), [...(after ? partsOf(after) : []), ...taken]));
      }),
  };
  return bucket;
}

function segmentsOf(versions: Version[]): Segment[] {
  return versions.flatMap((version) => (version.kind === 'object' ? version.segments : []));
}

function partsOf(upload: Upload): Segment[] {
  return Object.values(upload.parts).map(({ segment }) => segment);
}

function without(segments: Segment[], kept: Segment[]): Segment[] {
  const files = new Set(kept.map(({ file }) => file));
  return segments.filter(({ file }) => !files.has(file));
}
