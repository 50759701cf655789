import { FOREGROUND, ORPHAN, remove } from './api/delete.ts';
import type { Cluster } from './cluster.ts';
import type { KubeObject } from './objects/metadata.ts';
import { RESOURCE_NAMES, type ResourceName } from './objects/resources.ts';
import { createQueue } from './queue.ts';
import { save, withoutFinalizer } from './store/lifecycle.ts';
import { collectionOf, everything } from './store/store.ts';

/**
 * The garbage collector: what becomes of dependents when their owner goes. Nothing may depend on an owner that is gone; an
 * owner that is deleted in the foreground waits for its dependents; one that is deleted as `Orphan` lets go of them first.
 * https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export function startGarbageCollector(cluster: Cluster): { stop(): void } {
  const queue = createQueue((uid) => collect(cluster, uid), cluster.say);
  const look = (object: KubeObject) => {
    queue.add(object.metadata.uid);
    for (const { uid } of object.metadata.ownerReferences ?? []) queue.add(uid);
  };
  const stops = RESOURCE_NAMES.filter((resource) => resource !== 'events').map((resource) =>
    collectionOf(cluster.store, resource).onChange(({ object }) => look(object)),
  );
  for (const { object } of everything(cluster.store)) look(object);
  return {
    stop() {
      for (const stop of stops) stop();
      queue.stop();
    },
  };
}

type Found = { resource: ResourceName; object: KubeObject };

function collect(cluster: Cluster, ownerUid: string): void {
  const all = everything(cluster.store);
  const owner = all.find(({ object }) => object.metadata.uid === ownerUid);
  const dependents = all.filter(({ object }) => object.metadata.ownerReferences?.some(({ uid }) => uid === ownerUid));
  if (owner === undefined) {
    for (const dependent of dependents) removeInBackground(cluster, dependent);
    return;
  }
  const finalizers = owner.object.metadata.finalizers ?? [];
  if (owner.object.metadata.deletionTimestamp === undefined) return;
  if (finalizers.includes(ORPHAN)) {
    for (const dependent of dependents) letGo(cluster, dependent, ownerUid);
    finish(cluster, owner, ORPHAN);
  } else if (finalizers.includes(FOREGROUND)) {
    for (const dependent of dependents) removeInBackground(cluster, dependent);
    const waits = everything(cluster.store).some(({ object }) =>
      object.metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === ownerUid && blockOwnerDeletion),
    );
    if (!waits) finish(cluster, owner, FOREGROUND);
  }
}

function removeInBackground(cluster: Cluster, { resource, object }: Found): void {
  if (object.metadata.deletionTimestamp !== undefined) return;
  const policy = {
    propagation: 'Background',
    graceSeconds: null,
    uid: null,
    resourceVersion: null,
    dryRun: false,
  } as const;
  remove(cluster, resource, object, policy);
}

function letGo(cluster: Cluster, { resource, object }: Found, ownerUid: string): void {
  const { ownerReferences = [], ...rest } = object.metadata;
  const left = ownerReferences.filter(({ uid }) => uid !== ownerUid);
  const metadata = { ...rest, ...(left.length === 0 ? {} : { ownerReferences: left }) };
  save(collectionOf(cluster.store, resource), { ...object, metadata });
}

function finish(cluster: Cluster, { resource, object }: Found, finalizer: string): void {
  const collection = collectionOf(cluster.store, resource);
  const current = collection.get(object.metadata.namespace, object.metadata.name);
  if (current?.metadata.uid === object.metadata.uid) save(collection, withoutFinalizer(current, finalizer));
}
