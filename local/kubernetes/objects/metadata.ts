import * as z from 'zod/mini';

export const labels = z.record(z.string(), z.string());

const ownerReference = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  name: z.string(),
  uid: z.string(),
  controller: z.optional(z.boolean()),
  blockOwnerDeletion: z.optional(z.boolean()),
});

/** ObjectMeta of apimachinery meta/v1 as it stands in a template: nothing in it is required. */
export const templateMetadata = z.object({
  name: z.optional(z.string()),
  generateName: z.optional(z.string()),
  namespace: z.optional(z.string()),
  uid: z.optional(z.string()),
  resourceVersion: z.optional(z.string()),
  generation: z.optional(z.int()),
  creationTimestamp: z.optional(z.string()),
  deletionTimestamp: z.optional(z.string()),
  deletionGracePeriodSeconds: z.optional(z.int()),
  labels: z.optional(labels),
  annotations: z.optional(z.record(z.string(), z.string())),
  ownerReferences: z.optional(z.array(ownerReference)),
  finalizers: z.optional(z.array(z.string())),
  selfLink: z.optional(z.string()),
  managedFields: z.optional(z.array(z.unknown())),
});

/** Of an object: what the server itself fills in is always there. `namespace` is missing from objects of the whole cluster. */
export const metadata = z.extend(templateMetadata, {
  name: z._default(z.string(), ''),
  uid: z._default(z.string(), ''),
  resourceVersion: z._default(z.string(), ''),
  creationTimestamp: z._default(z.string(), ''),
});

export type Metadata = z.infer<typeof metadata>;

export type KubeObject = { apiVersion: string; kind: string; metadata: Metadata };

/** How Kubernetes writes a time: UTC, whole seconds. */
export function timestamp(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}

/** Namespace and name of an object: how a collection finds it. */
export function keyOf({ metadata: { namespace, name } }: KubeObject): string {
  return `${namespace ?? ''}/${name}`;
}
