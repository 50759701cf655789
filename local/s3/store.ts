import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocuments, writeDocument } from '../documents.ts';
import type { Bucket } from './bucket.ts';
import { openBucket } from './bucket.ts';
import { noSuchBucket } from './errors.ts';
import { type BucketDocument, bucketDocument } from './model.ts';

/** All buckets. */
export type Store = {
  bucket(name: string): Bucket;
  buckets(): Bucket[];
  create(document: BucketDocument): Promise<Bucket>;
};

/** Opens the store in `folder` and removes what a crash left half-made. */
export async function openStore(folder: string): Promise<Store> {
  await mkdir(folder, { recursive: true });
  const buckets = new Map<string, Bucket>();
  for (const name of await readdir(folder)) {
    const [document] = await readDocuments(join(folder, name));
    if (document === undefined) await rm(join(folder, name), { recursive: true });
    else buckets.set(name, await openBucket(join(folder, name), bucketDocument.parse(document)));
  }
  return {
    bucket(name) {
      const bucket = buckets.get(name);
      if (!bucket) throw noSuchBucket(name);
      return bucket;
    },
    buckets: () => [...buckets.values()],
    async create(document) {
      const folderOf = join(folder, document.name);
      await mkdir(folderOf);
      await writeDocument(join(folderOf, 'bucket.json'), document);
      const bucket = await openBucket(folderOf, document);
      buckets.set(document.name, bucket);
      return bucket;
    },
  };
}
