import type * as z from 'zod/mini';
import { type Job, job } from './job.ts';
import * as plain from './plain.ts';
import { type Pod, pod } from './pod.ts';

const READ = ['get', 'list', 'watch'] as const;
const WRITE = ['create', 'update', 'patch', 'delete'] as const;

export type Verb = (typeof READ)[number] | (typeof WRITE)[number];

/** The kinds of objects that the local Kubernetes has, and what may be done with each; the names are Kubernetes' own. */
export const RESOURCES = {
  namespaces: describe('v1', 'Namespace', { namespaced: false, short: ['ns'], verbs: [...READ, ...WRITE] }),
  serviceaccounts: describe('v1', 'ServiceAccount', { short: ['sa'], verbs: [...READ, ...WRITE] }),
  configmaps: describe('v1', 'ConfigMap', { short: ['cm'], verbs: [...READ, ...WRITE] }),
  pods: describe('v1', 'Pod', { short: ['po'], verbs: [...READ, 'update', 'patch', 'delete'] }),
  events: describe('v1', 'Event', { short: ['ev'], verbs: [...READ] }),
  jobs: describe('batch/v1', 'Job', { verbs: [...READ, ...WRITE], generation: true }),
  roles: describe('rbac.authorization.k8s.io/v1', 'Role', { verbs: [...READ, ...WRITE] }),
  rolebindings: describe('rbac.authorization.k8s.io/v1', 'RoleBinding', { verbs: [...READ, ...WRITE] }),
  networkpolicies: describe('networking.k8s.io/v1', 'NetworkPolicy', {
    short: ['netpol'],
    verbs: [...READ, ...WRITE],
    generation: true,
  }),
} as const;

type Objects = {
  namespaces: plain.Namespace;
  serviceaccounts: plain.ServiceAccount;
  configmaps: plain.ConfigMap;
  pods: Pod;
  events: plain.Event;
  jobs: Job;
  roles: plain.Role;
  rolebindings: plain.RoleBinding;
  networkpolicies: plain.NetworkPolicy;
};

export type ResourceName = keyof typeof RESOURCES;
export type ObjectOf<R extends ResourceName> = Objects[R];

export const SCHEMAS: { [R in ResourceName]: z.ZodMiniType<Objects[R]> } = {
  namespaces: plain.namespace,
  serviceaccounts: plain.serviceAccount,
  configmaps: plain.configMap,
  pods: pod,
  events: plain.event,
  jobs: job,
  roles: plain.role,
  rolebindings: plain.roleBinding,
  networkpolicies: plain.networkPolicy,
};

export type Resource = {
  group: string;
  version: string;
  apiVersion: string;
  kind: string;
  namespaced: boolean;
  short: readonly string[];
  verbs: readonly Verb[];
  /** Whether `metadata.generation` counts the changes of its spec. */
  generation: boolean;
};

export function isResource(name: string): name is ResourceName {
  return Object.hasOwn(RESOURCES, name);
}

export const RESOURCE_NAMES = Object.keys(RESOURCES).filter(isResource);

/** `jobs.batch`, `pods`: how Kubernetes writes a resource in messages. */
export function qualified(name: ResourceName): string {
  const { group } = RESOURCES[name];
  return group === '' ? name : `${name}.${group}`;
}

/** `Job.batch`, `Pod`: how Kubernetes writes a kind in messages. */
export function qualifiedKind(name: ResourceName): string {
  const { group, kind } = RESOURCES[name];
  return group === '' ? kind : `${kind}.${group}`;
}

function describe(
  apiVersion: string,
  kind: string,
  more: { namespaced?: boolean; short?: string[]; verbs: Verb[]; generation?: boolean },
): Resource {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    group: group ?? '',
    version: version ?? '',
    apiVersion,
    kind,
    namespaced: more.namespaced ?? true,
    short: more.short ?? [],
    verbs: more.verbs,
    generation: more.generation ?? false,
  };
}
