import * as z from 'zod/mini';
import type { Cluster } from '../cluster.ts';
import type { KubeObject } from '../objects/metadata.ts';
import type { Pod } from '../objects/pod.ts';
import type { ResourceName } from '../objects/resources.ts';
import { isA } from '../objects/validate.ts';
import { markDeleted, save, withFinalizer, withoutFinalizer } from '../store/lifecycle.ts';
import { collectionOf, type Store } from '../store/store.ts';
import { badRequest, conflict, forbidden } from './status.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export type Propagation = 'Foreground' | 'Background' | 'Orphan';

export type DeleteOptions = {
  propagation: Propagation | null;
  graceSeconds: number | null;
  uid: string | null;
  resourceVersion: string | null;
  dryRun: boolean;
};

const body = z.object({
  propagationPolicy: z.optional(z.enum(['Foreground', 'Background', 'Orphan'])),
  orphanDependents: z.optional(z.boolean()),
  gracePeriodSeconds: z.optional(z.int()),
  preconditions: z.optional(z.object({ uid: z.optional(z.string()), resourceVersion: z.optional(z.string()) })),
  dryRun: z.optional(z.array(z.string())),
});

/** DeleteOptions come in the body, in the query, or in both; the body wins. */
export function readDeleteOptions(query: URLSearchParams, sent: unknown, dryRun: boolean): DeleteOptions {
  const parsed = z.safeParse(body, sent ?? {});
  if (!parsed.success) throw badRequest(`DeleteOptions: ${parsed.error.issues[0]?.message}`);
  const { propagationPolicy, orphanDependents, gracePeriodSeconds, preconditions } = parsed.data;
  const asked = propagationPolicy ?? query.get('propagationPolicy');
  const old = orphanDependents === undefined ? null : orphanDependents ? 'Orphan' : 'Background';
  const grace = gracePeriodSeconds ?? query.get('gracePeriodSeconds');
  if (grace !== null && !/^\d+$/.test(`${grace}`)) throw badRequest(`invalid gracePeriodSeconds: ${grace}`);
  return {
    propagation: isPropagation(asked) ? asked : old,
    graceSeconds: grace === null ? null : Number(grace),
    uid: preconditions?.uid ?? null,
    resourceVersion: preconditions?.resourceVersion ?? null,
    dryRun: dryRun || (parsed.data.dryRun?.includes('All') ?? false),
  };
}

function isPropagation(value: string | null): value is Propagation {
  if (value === null || value === 'Foreground' || value === 'Background' || value === 'Orphan') return value !== null;
  throw badRequest(`invalid propagationPolicy: ${value}: supported values: "Background", "Foreground", "Orphan"`);
}

/** What became of the object: it is gone, or it is still there and on its way out. */
export type Deletion = { gone: boolean; object: KubeObject; warnings: string[] };

const LASTING = ['default', 'kube-system', 'kube-public'];
const ORPHANS_PODS =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning';

/**
 * A delete, as the registry of the real server does it: pods get their grace period, dependents what `propagation` says. A Job
 * that is deleted through the API without a policy orphans its pods, which surprises everybody and so is kept.
 */
export function remove(cluster: Cluster, resource: ResourceName, object: KubeObject, options: DeleteOptions): Deletion {
  checkPreconditions(resource, object, options);
  const collection = collectionOf(cluster.store, resource);
  const now = cluster.now();
  const settle = (next: KubeObject, warnings: string[] = []): Deletion => {
    const stored = options.dryRun || next === object ? next : save(collection, next);
    const gone = options.dryRun
      ? !next.metadata.finalizers?.length && !next.metadata.deletionGracePeriodSeconds
      : collection.get(object.metadata.namespace, object.metadata.name)?.metadata.uid !== object.metadata.uid;
    return { gone, object: stored, warnings };
  };
  if (isA('pods', resource, object))
    return settle(markDeleted(object, { now, graceSeconds: graceOf(object, options) }));
  if (isA('namespaces', resource, object)) {
    const { name } = object.metadata;
    if (LASTING.includes(name)) throw forbidden('namespaces', name, 'this namespace may not be deleted');
    const marked = markDeleted(object, { now, graceSeconds: 0 });
    const ending = { ...marked, status: { phase: 'Terminating' as const } };
    const stored = options.dryRun ? ending : cluster.store.namespaces.put(ending);
    return { gone: false, object: stored, warnings: [] };
  }
  const marked = markDeleted(object, { now, graceSeconds: 0 });
  const isJob = resource === 'jobs';
  const policy = options.propagation ?? (isJob ? 'Orphan' : 'Background');
  const warnings = isJob && options.propagation === null ? [ORPHANS_PODS] : [];
  // The last word counts: a deletion that waits for its pods can still be made one that does not.
  const undecided = withoutFinalizer(withoutFinalizer(marked, ORPHAN), FOREGROUND);
  if (policy === 'Background') return settle(undecided);
  return settle(withFinalizer(undecided, policy === 'Orphan' ? ORPHAN : FOREGROUND), warnings);
}

/** Ends a pod with its own grace period, as controllers do. */
export function removePod(store: Store, pod: Pod, now: Date): void {
  const options = { propagation: null, graceSeconds: null, uid: null, resourceVersion: null, dryRun: false };
  save(store.pods, markDeleted(pod, { now, graceSeconds: graceOf(pod, options) }));
}

function graceOf(pod: Pod, options: DeleteOptions): number {
  const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
  if (isOver || !pod.spec.nodeName) return 0;
  return options.graceSeconds ?? pod.spec.terminationGracePeriodSeconds;
}

function checkPreconditions(resource: ResourceName, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion, name } = object.metadata;
  const failed = (what: string, asked: string, is: string) =>
    conflict(resource, name, `Precondition failed: ${what} in precondition: ${asked}, ${what} in object meta: ${is}`);
  if (options.uid !== null && options.uid !== uid) throw failed('UID', options.uid, uid);
  if (options.resourceVersion !== null && options.resourceVersion !== resourceVersion) {
    throw failed('ResourceVersion', options.resourceVersion, resourceVersion);
  }
}
