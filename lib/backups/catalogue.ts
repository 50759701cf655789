import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { DocumentInvalidError, type Documents, readDocument } from '../documents/documents.ts';
import { ManifestContradictsError } from './errors.ts';
import { BACKUPS, backupKeys, parseBackupKey } from './keys.ts';
import { dataOf, findManifest, type Manifest } from './manifest.ts';
import { type KeptUntil, latest, objectLocks } from './object-lock.ts';
import { type Drill, drill, hold, type Verification, verification } from './results.ts';
import type { Kept, Orphan } from './retention.ts';
import { s3Call } from './s3-errors.ts';
import { versionsOf } from './versions.ts';

/** A backup as S3 alone tells of it. */
export type CatalogueEntry = {
  id: string;
  manifest: Manifest;
  etag: string;
  bytes: number;
  /** The last reading of this very backup; null when there was none. */
  verification: Verification | null;
  drill: Drill | null;
  /** What the list of the bucket shows to be otherwise than the manifest says. */
  changed: string[];
  heldUntil: string | 'ever' | null;
};

export type Catalogue = {
  /** Newest first. */
  backups: CatalogueEntry[];
  orphans: (Orphan & { keys: string[]; bytes: number })[];
  /** Documents that cannot be read, or manifests that somebody removed: what they tell of is left alone. */
  unreadable: { id: string; reason: string }[];
  /** Keys below backups/ that are none of ours. */
  foreign: string[];
};

type Listed = { key: string; size: number; etag: string; modified: string };

/** Everything below backups/, from S3 alone: it is there when the database, the cluster and the executions are gone. */
export async function readCatalogue(documents: Documents): Promise<Catalogue> {
  const listed = await list(documents);
  const groups = Map.groupBy(listed, ({ key }) => parseBackupKey(key)?.id ?? null);
  const catalogue: Catalogue = {
    backups: [],
    orphans: [],
    unreadable: [],
    foreign: (groups.get(null) ?? []).map(({ key }) => key),
  };
  const source = { documents, lockOf: objectLocks(documents) };
  const work = [...groups].flatMap(([id, objects]) => (id === null ? [] : [{ id, objects }]));
  const next = async (): Promise<void> => {
    for (let one = work.shift(); one; one = work.shift()) await addGroup(source, one.id, one.objects, catalogue);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  const { backups } = catalogue;
  const time = ({ manifest }: CatalogueEntry) => Date.parse(manifest.snapshotAt);
  backups.sort((a, b) => time(b) - time(a) || a.id.localeCompare(b.id));
  return catalogue;
}

const AT_ONCE = 8;

/** What {@link chooseExpired} works with. */
export function toKept({ id, manifest, changed, heldUntil, ...entry }: CatalogueEntry): Kept {
  const verified = isVerified({ ...entry, changed });
  return { id, snapshotAt: manifest.snapshotAt, verified, changed: changed.length > 0, heldUntil };
}

/** Read in full, found whole, and still the same objects. */
export function isVerified({ verification: last, changed }: Pick<CatalogueEntry, 'verification' | 'changed'>): boolean {
  return last?.result === 'verified' && changed.length === 0;
}

async function list({ s3, bucket }: Documents): Promise<Listed[]> {
  const found: Listed[] = [];
  await s3Call('s3:ListBucket', `s3://${bucket}`, async () => {
    for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: BACKUPS })) {
      for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
        found.push({
          key: Key ?? '',
          size: Size ?? 0,
          etag: ETag ?? '',
          modified: (LastModified ?? new Date(0)).toISOString(),
        });
      }
    }
  });
  return found;
}

type Source = { documents: Documents; lockOf: (key: string) => Promise<KeptUntil> };

async function addGroup(source: Source, id: string, objects: Listed[], catalogue: Catalogue): Promise<void> {
  const { documents } = source;
  let found: Awaited<ReturnType<typeof findManifest>>;
  let entry: CatalogueEntry | null = null;
  let gone: string | null = null;
  try {
    found = objects.some(({ key }) => key === backupKeys.manifest(id)) ? await findManifest(documents, id) : null;
    if (found !== null) entry = await readEntry(source, id, objects, found);
    else gone = await whyGone(documents, id, objects);
  } catch (error) {
    if (!(error instanceof DocumentInvalidError || error instanceof ManifestContradictsError)) throw error;
    catalogue.unreadable.push({ id, reason: error.message });
    return;
  }
  if (gone !== null) {
    catalogue.unreadable.push({ id, reason: gone });
    return;
  }
  if (entry) catalogue.backups.push(entry);
  const ours = new Set(found === null ? [] : dataOf(found.value).map(({ key }) => key));
  const rest = objects.flatMap((object) => {
    const parsed = parseBackupKey(object.key);
    return parsed?.kind === 'data' && !ours.has(object.key) ? [{ ...object, run: parsed.run }] : [];
  });
  for (const [run, left] of Map.groupBy(rest, (object) => object.run)) {
    const newest =
      left
        .map(({ modified }) => modified)
        .toSorted()
        .at(-1) ?? '';
    const bytes = left.reduce((sum, { size }) => sum + size, 0);
    catalogue.orphans.push({ id, run, newest, bytes, keys: left.map(({ key }) => key) });
  }
}

/** Without a manifest there is no backup, unless something tells that there was one: then it is not what a failed run left. */
async function whyGone(documents: Documents, id: string, objects: readonly Listed[]): Promise<string | null> {
  const key = backupKeys.manifest(id);
  const kinds = new Set(objects.map((object) => parseBackupKey(object.key)?.kind));
  // A drill that ends after its backup has expired writes its result beside nothing.
  const beside = kinds.has('hold') || (kinds.has('data') && (kinds.has('verified') || kinds.has('drilled')));
  if (!beside && (await versionsOf(documents, key)).length === 0) return null;
  // Made since the bucket was listed.
  if ((await findManifest(documents, id)) !== null) return null;
  return `Its manifest is gone: look at its versions: aws s3api list-object-versions --bucket ${documents.bucket} --prefix ${key}`;
}

async function readEntry(
  { documents, lockOf }: Source,
  id: string,
  objects: readonly Listed[],
  { value, etag }: { value: Manifest; etag: string },
): Promise<CatalogueEntry> {
  const has = (key: string) => objects.some((object) => object.key === key);
  const [verified, drilled, holdKey] = [backupKeys.verified(id), backupKeys.drilled(id), backupKeys.hold(id)];
  const verifiedDocument = has(verified) ? await readDocument(documents, verified, verification) : null;
  const drilledDocument = has(drilled) ? await readDocument(documents, drilled, drill) : null;
  const held = has(holdKey) ? await readDocument(documents, holdKey, hold) : null;
  // S3 would let the rest go and keep what it holds: a backup is kept as a whole.
  const kept = [backupKeys.manifest(id), ...dataOf(value).map(({ key }) => key)].filter(has);
  const locks: KeptUntil[] = [];
  for (const key of kept) locks.push(await lockOf(key));
  // A result of a backup that had this id before says nothing of this one.
  const own = <T extends { manifest: string }>(found: { value: T } | null) =>
    found?.value.manifest === etag ? found.value : null;
  return {
    ...{ id, manifest: value, etag, bytes: dataOf(value).reduce((sum, { size }) => sum + size, 0) },
    ...{ verification: own(verifiedDocument), drill: own(drilledDocument), changed: changesOf(value, objects) },
    heldUntil: latest([held && (held.value.until ?? 'ever'), ...locks]),
  };
}

function changesOf(manifest: Manifest, objects: readonly Listed[]): string[] {
  const there = new Map(objects.map((object) => [object.key, object]));
  return dataOf(manifest).flatMap(({ key, size, etag }) => {
    const object = there.get(key);
    if (!object) return [`${key} is missing`];
    return object.size === size && object.etag === etag ? [] : [`${key} was written over at ${object.modified}`];
  });
}
