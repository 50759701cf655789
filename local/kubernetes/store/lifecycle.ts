import { randomUUID } from 'node:crypto';
import { type KubeObject, timestamp } from '../objects/metadata.ts';
import type { Collection } from './collection.ts';

/** Letters and digits that Kubernetes makes names of: no vowels, so that no word comes out by accident. */
const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** Five random characters, as generateName and Jobs append them. */
export function randomSuffix(): string {
  return Array.from({ length: 5 }, () => SAFE[Math.floor(Math.random() * SAFE.length)]).join('');
}

/** The object as a create stores it: with a name, an identity and a birthday of its own. */
export function newborn<T extends KubeObject>(object: T, options: { now: Date; generation: boolean }): T {
  const { generateName } = object.metadata;
  const name = object.metadata.name === '' && generateName ? `${generateName}${randomSuffix()}` : object.metadata.name;
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...rest } = object.metadata;
  const metadata = {
    ...rest,
    name,
    uid: randomUUID(),
    creationTimestamp: timestamp(options.now),
    resourceVersion: '',
    ...(options.generation ? { generation: 1 } : {}),
  };
  return { ...object, metadata };
}

/**
 * Stores a changed object, or removes it when the change was the last thing that its deletion waited for: no finalizer is
 * left, and no grace period runs.
 */
export function save<T extends KubeObject>(collection: Collection<T>, object: T): T {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp !== undefined && !deletionGracePeriodSeconds && !finalizers?.length) {
    collection.remove(object);
    return object;
  }
  return collection.put(object);
}

/** Marks an object as being deleted. A second deletion can shorten the grace period, never lengthen it. */
export function markDeleted<T extends KubeObject>(object: T, options: { now: Date; graceSeconds: number }): T {
  const running = object.metadata.deletionGracePeriodSeconds;
  const isMarked = object.metadata.deletionTimestamp !== undefined;
  if (isMarked && (running ?? 0) <= options.graceSeconds) return object;
  const at = new Date(options.now.getTime() + options.graceSeconds * 1000);
  const metadata = {
    ...object.metadata,
    deletionTimestamp: timestamp(at),
    deletionGracePeriodSeconds: options.graceSeconds,
  };
  return { ...object, metadata };
}

export function withFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const others = (object.metadata.finalizers ?? []).filter((each) => each !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers: [...others, finalizer] } };
}

export function withoutFinalizer<T extends KubeObject>(object: T, finalizer: string): T {
  const { finalizers = [], ...rest } = object.metadata;
  const left = finalizers.filter((each) => each !== finalizer);
  return { ...object, metadata: { ...rest, ...(left.length === 0 ? {} : { finalizers: left }) } };
}
