import * as z from 'zod/mini';
import { metadata } from './metadata.ts';

const text = z.optional(z.string());
const flag = z.optional(z.boolean());
const texts = z.optional(z.array(z.string()));
const opaques = z.optional(z.array(z.record(z.string(), z.unknown())));

function fixed<const V extends string>(value: V) {
  return z._default(z.literal(value), value);
}

export const namespace = z.object({
  apiVersion: fixed('v1'),
  kind: fixed('Namespace'),
  metadata,
  spec: z._default(z.object({ finalizers: texts }), {}),
  status: z._default(z.object({ phase: z._default(z.enum(['Active', 'Terminating']), 'Active') }), { phase: 'Active' }),
});

export const serviceAccount = z.object({
  apiVersion: fixed('v1'),
  kind: fixed('ServiceAccount'),
  metadata,
  secrets: opaques,
  imagePullSecrets: opaques,
  automountServiceAccountToken: flag,
});

export const configMap = z.object({
  apiVersion: fixed('v1'),
  kind: fixed('ConfigMap'),
  metadata,
  data: z.optional(z.record(z.string(), z.string())),
  binaryData: z.optional(z.record(z.string(), z.string())),
  immutable: flag,
});

export const role = z.object({
  apiVersion: fixed('rbac.authorization.k8s.io/v1'),
  kind: fixed('Role'),
  metadata,
  rules: z._default(
    z.array(
      z.object({
        verbs: z._default(z.array(z.string()), []),
        apiGroups: texts,
        resources: texts,
        resourceNames: texts,
        nonResourceURLs: texts,
      }),
    ),
    [],
  ),
});

export const roleBinding = z.object({
  apiVersion: fixed('rbac.authorization.k8s.io/v1'),
  kind: fixed('RoleBinding'),
  metadata,
  roleRef: z.object({ apiGroup: fixed('rbac.authorization.k8s.io'), kind: z.string(), name: z.string() }),
  subjects: z.optional(z.array(z.object({ kind: z.string(), apiGroup: text, name: z.string(), namespace: text }))),
});

const port = z.object({
  protocol: z._default(z.string(), 'TCP'),
  port: z.optional(z.union([z.int(), z.string()])),
  endPort: z.optional(z.int32()),
});
const labelSelector = z.object({
  matchLabels: z.optional(z.record(z.string(), z.string())),
  matchExpressions: opaques,
});
const peer = z.object({
  podSelector: z.optional(labelSelector),
  namespaceSelector: z.optional(labelSelector),
  ipBlock: z.optional(z.object({ cidr: z.string(), except: texts })),
});
const ports = z.optional(z.array(port));

/** Stored, and obeyed by nobody: a pod of the local cloud is a process of this machine. */
export const networkPolicy = z.object({
  apiVersion: fixed('networking.k8s.io/v1'),
  kind: fixed('NetworkPolicy'),
  metadata,
  spec: z.object({
    podSelector: z._default(labelSelector, {}),
    policyTypes: texts,
    ingress: z.optional(z.array(z.object({ from: z.optional(z.array(peer)), ports }))),
    egress: z.optional(z.array(z.object({ to: z.optional(z.array(peer)), ports }))),
  }),
});

const reference = z.object({
  apiVersion: text,
  kind: text,
  namespace: text,
  name: text,
  uid: text,
  resourceVersion: text,
  fieldPath: text,
});

export const event = z.object({
  apiVersion: fixed('v1'),
  kind: fixed('Event'),
  metadata,
  involvedObject: reference,
  type: z.string(),
  reason: z.string(),
  message: z.string(),
  source: z.object({ component: text, host: text }),
  count: z.int(),
  firstTimestamp: z.string(),
  lastTimestamp: z.string(),
  eventTime: z._default(z.nullable(z.string()), null),
  reportingComponent: z._default(z.string(), ''),
  reportingInstance: z._default(z.string(), ''),
});

export type Namespace = z.infer<typeof namespace>;
export type ServiceAccount = z.infer<typeof serviceAccount>;
export type ConfigMap = z.infer<typeof configMap>;
export type Role = z.infer<typeof role>;
export type RoleBinding = z.infer<typeof roleBinding>;
export type NetworkPolicy = z.infer<typeof networkPolicy>;
export type Event = z.infer<typeof event>;
