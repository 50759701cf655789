import { expired } from '../api/status.ts';
import { type KubeObject, keyOf } from '../objects/metadata.ts';
import type { Files } from './files.ts';

/** How many changes a watch can be behind before it must list again; etcd keeps five minutes of them. */
const HISTORY = 2_000;

export type Change<T> = {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: T;
  /** What it was before; undefined when it was not there. */
  previous: T | undefined;
  revision: number;
};

/**
 * All objects of one resource. Objects are values: nobody changes one in place; every change goes through `put` or `remove`,
 * gets the next revision, is on disk when the call returns, and has been told to every listener.
 */
export type Collection<T extends KubeObject> = {
  get(namespace: string | undefined, name: string): T | undefined;
  /** In the order of namespace and name, as etcd has them. */
  list(namespace?: string): T[];
  /** Adds it, or replaces the one of its name. Returns it with its new resourceVersion. */
  put(object: T): T;
  remove(object: T): void;
  /** What happened after `revision`; throws 410 Expired when that is too long ago to say. */
  since(revision: number): Change<T>[];
  /** Calls `listener` for every change from now on, within the call that makes it. Returns how to stop. */
  onChange(listener: (change: Change<T>) => void): () => void;
};

/** The counter behind every resourceVersion of a cluster. */
export type Revisions = { current: number };

export function createCollection<T extends KubeObject>(options: {
  revisions: Revisions;
  files: Files;
  stored: T[];
}): Collection<T> {
  const { revisions, files } = options;
  const items = new Map(options.stored.map((object) => [keyOf(object), object]));
  // Also when the clock was set back since they were written.
  for (const { metadata } of options.stored)
    revisions.current = Math.max(revisions.current, Number(metadata.resourceVersion));
  const listeners = new Set<(change: Change<T>) => void>();
  const history: Change<T>[] = [];
  let oldest = revisions.current;

  const announce = (type: Change<T>['type'], object: T, previous: T | undefined): T => {
    const change = { type, object, previous, revision: revisions.current };
    history.push(change);
    if (history.length > HISTORY) oldest = history.shift()?.revision ?? oldest;
    for (const listener of [...listeners]) listener(change);
    return object;
  };
  const next = (object: T): T => {
    revisions.current += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: `${revisions.current}` } };
  };

  return {
    get: (namespace, name) => items.get(`${namespace ?? ''}/${name}`),
    list(namespace) {
      const all = [...items.keys()].sort().flatMap((key) => items.get(key) ?? []);
      return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
    },
    put(object) {
      const stored = next(object);
      const previous = items.get(keyOf(stored));
      files.write(stored);
      items.set(keyOf(stored), stored);
      return announce(previous ? 'MODIFIED' : 'ADDED', stored, previous);
    },
    remove(object) {
      const previous = items.get(keyOf(object));
      if (!items.delete(keyOf(object))) return;
      files.remove(object);
      announce('DELETED', next(object), previous);
    },
    since(revision) {
      if (revision < oldest) throw expired(revision, oldest);
      return history.filter((change) => change.revision > revision);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
