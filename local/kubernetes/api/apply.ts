import * as z from 'zod/mini';
import type { Cluster } from '../cluster.ts';
import { RESOURCE_NAMES, RESOURCES } from '../objects/resources.ts';
import { collectionOf } from '../store/store.ts';
import { badRequest, unknownResource } from './status.ts';
import { create, update } from './write.ts';

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.optional(z.string()) }),
});

/** Creates what a manifest describes, or replaces what is there with it. Labels that the server added stay. */
export function applyObject(cluster: Cluster, object: unknown): void {
  const parsed = z.safeParse(manifest, object);
  if (!parsed.success) throw badRequest(`not a manifest: ${parsed.error.issues[0]?.message}`);
  const { apiVersion, kind, metadata } = parsed.data;
  const resource = RESOURCE_NAMES.find(
    (name) => RESOURCES[name].kind === kind && RESOURCES[name].apiVersion === apiVersion,
  );
  if (resource === undefined) throw unknownResource(`${kind} in ${apiVersion}`);
  const namespace = RESOURCES[resource].namespaced ? (metadata.namespace ?? 'default') : null;
  const options = { dryRun: false, fieldValidation: 'Strict' } as const;
  const current = collectionOf(cluster.store, resource).get(namespace ?? undefined, metadata.name);
  if (!current) {
    create(cluster, { resource, namespace }, parsed.data, options);
    return;
  }
  const { resourceVersion: _, uid: __, ...wanted } = metadata;
  const labels = { ...current.metadata.labels, ...asLabels(metadata.labels) };
  const merged = { ...parsed.data, metadata: { ...wanted, ...(Object.keys(labels).length > 0 ? { labels } : {}) } };
  update(cluster, { resource, namespace, name: metadata.name }, merged, options);
}

function asLabels(labels: unknown): Record<string, unknown> {
  return typeof labels === 'object' && labels !== null ? { ...labels } : {};
}
