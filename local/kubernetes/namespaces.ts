import { remove } from './api/delete.ts';
import { create } from './api/write.ts';
import type { Cluster } from './cluster.ts';
import { createQueue } from './queue.ts';
import { everything } from './store/store.ts';

const STRICT = { dryRun: false, fieldValidation: 'Strict' } as const;
const AT_ONCE = {
  propagation: 'Background',
  graceSeconds: null,
  uid: null,
  resourceVersion: null,
  dryRun: false,
} as const;

/**
 * Keeps namespaces: each has a ServiceAccount `default`, also after somebody removed it; one that is being deleted takes its
 * content along and goes when the last pod has ended.
 */
export function startNamespaces(cluster: Cluster): { stop(): void } {
  const { store } = cluster;
  const queue = createQueue((name) => keep(cluster, name), cluster.say);
  const stops = [
    store.namespaces.onChange(({ object }) => queue.add(object.metadata.name)),
    store.serviceaccounts.onChange(({ object }) => queue.add(object.metadata.namespace ?? '')),
    store.pods.onChange(({ type, object }) => type === 'DELETED' && queue.add(object.metadata.namespace ?? '')),
    store.jobs.onChange(({ type, object }) => type === 'DELETED' && queue.add(object.metadata.namespace ?? '')),
  ];
  for (const name of ['default', 'kube-system']) {
    if (!store.namespaces.get(undefined, name)) {
      create(cluster, { resource: 'namespaces', namespace: null }, { metadata: { name } }, STRICT);
    }
  }
  for (const { metadata } of store.namespaces.list()) keep(cluster, metadata.name);
  return {
    stop() {
      for (const stop of stops) stop();
      queue.stop();
    },
  };
}

function keep(cluster: Cluster, name: string): void {
  const { store } = cluster;
  const namespace = store.namespaces.get(undefined, name);
  if (!namespace) return;
  if (namespace.status.phase === 'Active') {
    if (store.serviceaccounts.get(name, 'default')) return;
    create(cluster, { resource: 'serviceaccounts', namespace: name }, { metadata: { name: 'default' } }, STRICT);
    return;
  }
  for (const { resource, object } of everything(store, name)) {
    if (object.metadata.deletionTimestamp === undefined) remove(cluster, resource, object, AT_ONCE);
  }
  if (everything(store, name).length === 0) store.namespaces.remove(namespace);
}
