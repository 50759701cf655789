import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDocuments, writeDocument } from '../documents.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import { type Instance, instance } from './instance.ts';
import { type Paths, pathsIn } from './paths.ts';
import { type Snapshot, snapshot } from './snapshot.ts';

/**
 * All instances and snapshots. What a call changes on a record counts at once; it is durable after `save`, which whoever
 * changed it awaits before answering.
 */
export type Inventory = {
  paths: Paths;
  /** Those that RDS shows: not what retained backups are left of. */
  instances(): Instance[];
  /** By what is left of a deleted instance too. */
  resources(): Instance[];
  find(identifier: string): Instance | undefined;
  findResource(resourceId: string): Instance | undefined;
  snapshots(): Snapshot[];
  findSnapshot(identifier: string): Snapshot | undefined;
  /** Adds it, or keeps its changes. */
  save(record: Instance): Promise<void>;
  saveSnapshot(record: Snapshot): Promise<void>;
  /** Removes the record and all data. */
  remove(record: Instance): Promise<void>;
  removeSnapshot(record: Snapshot): Promise<void>;
};

export async function openInventory(folder: string): Promise<Inventory> {
  const paths = pathsIn(folder);
  await mkdir(folder, { recursive: true });
  // PostgreSQL's user passes through here to its own folders; the records are nobody's business but ours.
  await chmod(folder, 0o711);
  const instances = new Map((await readDocuments(folder)).map((each) => keyed(instance.parse(each), 'resourceId')));
  const snapshots = new Map(
    (await readDocuments(paths.snapshots)).map((each) => keyed(snapshot.parse(each), 'identifier')),
  );
  await chmod(paths.snapshots, 0o711);
  await sweep(folder, new Set([paths.engine, paths.snapshots, ...[...instances.keys()].map(paths.root)]));
  await sweep(paths.snapshots, new Set([...snapshots.keys()].map(paths.snapshotData)));
  const inTurn = oneAtATime();

  return {
    paths,
    instances: () => [...instances.values()].filter(({ status }) => status !== 'retained'),
    resources: () => [...instances.values()],
    find: (identifier) =>
      [...instances.values()].find((each) => each.identifier === identifier && each.status !== 'retained'),
    findResource: (resourceId) => instances.get(resourceId),
    snapshots: () => [...snapshots.values()],
    findSnapshot: (identifier) => snapshots.get(identifier),
    save(record) {
      instances.set(record.resourceId, record);
      return inTurn(record.resourceId, () => writeDocument(paths.record(record.resourceId), record, 0o600));
    },
    saveSnapshot(record) {
      snapshots.set(record.identifier, record);
      return inTurn(record.identifier, () => writeDocument(paths.snapshotRecord(record.identifier), record, 0o600));
    },
    async remove(record) {
      await rm(paths.root(record.resourceId), { recursive: true, force: true });
      instances.delete(record.resourceId);
      await inTurn(record.resourceId, () => rm(paths.record(record.resourceId), { force: true }));
    },
    async removeSnapshot(record) {
      await rm(paths.snapshotData(record.identifier), { recursive: true, force: true });
      snapshots.delete(record.identifier);
      await inTurn(record.identifier, () => rm(paths.snapshotRecord(record.identifier), { force: true }));
    },
  };
}

function keyed<K extends string, T extends Record<K, string>>(record: T, key: K): [string, T] {
  return [record[key], record];
}

/** Removes folders that no record knows. */
async function sweep(folder: string, known: Set<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !known.has(path)) await rm(path, { recursive: true });
  }
}
