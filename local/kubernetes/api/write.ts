import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../cluster.ts';
import { prepareJob } from '../jobs/prepare.ts';
import { decode, type FieldValidation } from '../objects/decode.ts';
import { checkImmutable } from '../objects/immutable.ts';
import type { KubeObject } from '../objects/metadata.ts';
import type { Namespace } from '../objects/plain.ts';
import { RESOURCES, type ResourceName } from '../objects/resources.ts';
import { refuseUnsupported } from '../objects/supported.ts';
import { isA, validate } from '../objects/validate.ts';
import { podSecurityViolation } from '../pod-security.ts';
import { newborn, save } from '../store/lifecycle.ts';
import { collectionOf } from '../store/store.ts';
import { alreadyExists, badRequest, conflict, forbidden, notFound } from './status.ts';

export type WriteOptions = { dryRun: boolean; fieldValidation: FieldValidation };
export type Written = { object: KubeObject; warnings: string[] };

/** A create: decode, complete, check, store. `namespace` is the path's, null for objects of the whole cluster. */
export function create(
  cluster: Cluster,
  where: { resource: ResourceName; namespace: string | null },
  sent: unknown,
  options: WriteOptions,
): Written {
  const { resource, namespace } = where;
  const decoded = decode(resource, sent, options.fieldValidation);
  const placed = place(decoded.object, namespace);
  if (placed.metadata.resourceVersion !== '')
    throw badRequest('resourceVersion should not be set on objects to be created');
  const object = complete(
    resource,
    newborn(placed, { now: cluster.now(), generation: RESOURCES[resource].generation }),
  );
  const home = homeOf(cluster, resource, object);
  validate(resource, object);
  if (isA('jobs', resource, object)) refuseUnsupported(object);
  const warnings = [...decoded.warnings, ...podSecurityWarnings(home, resource, object)];
  const collection = collectionOf(cluster.store, resource);
  if (collection.get(object.metadata.namespace, object.metadata.name)) {
    throw alreadyExists(resource, object.metadata.name);
  }
  return { object: options.dryRun ? object : collection.put(object), warnings };
}

/** A PUT, or what a patch made: everything but what the server itself keeps is as sent. */
export function update(
  cluster: Cluster,
  where: { resource: ResourceName; namespace: string | null; name: string },
  sent: unknown,
  options: WriteOptions,
): Written {
  const { resource, namespace, name } = where;
  const collection = collectionOf(cluster.store, resource);
  const current = collection.get(namespace ?? undefined, name);
  if (!current) throw notFound(resource, name);
  const decoded = decode(resource, sent, options.fieldValidation);
  const placed = place(decoded.object, namespace);
  if (placed.metadata.name !== '' && placed.metadata.name !== name) {
    throw badRequest(`the name of the object (${placed.metadata.name}) does not match the name on the URL (${name})`);
  }
  checkPreconditions(resource, current, placed);
  const next = keepOwn(resource, current, placed);
  checkImmutable(resource, current, next);
  validate(resource, next);
  if (isA('jobs', resource, next)) refuseUnsupported(next);
  if (isDeepStrictEqual(next, current)) return { object: current, warnings: decoded.warnings };
  return { object: options.dryRun ? next : save(collection, next), warnings: decoded.warnings };
}

function place(object: KubeObject, namespace: string | null): KubeObject {
  if (namespace === null || object.kind === 'Namespace') return object;
  if (object.metadata.namespace !== undefined && object.metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, metadata: { ...object.metadata, namespace } };
}

/** What the server adds to a new object of some kinds. */
function complete(resource: ResourceName, object: KubeObject): KubeObject {
  if (isA('jobs', resource, object)) return prepareJob(object);
  if (isA('namespaces', resource, object)) {
    const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
    const namespace: Namespace = {
      ...object,
      metadata: { ...object.metadata, labels },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    };
    return namespace;
  }
  return object;
}

/** The namespace that a new object comes into; null for an object of the whole cluster. */
function homeOf(cluster: Cluster, resource: ResourceName, object: KubeObject): Namespace | null {
  const { namespace, name } = object.metadata;
  if (namespace === undefined) return null;
  const home = cluster.store.namespaces.get(undefined, namespace);
  if (!home) throw notFound('namespaces', namespace);
  if (home.status.phase === 'Active') return home;
  throw forbidden(
    resource,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
  );
}

/** Pod Security only warns of a Job; it refuses the pods that come of it. */
function podSecurityWarnings(home: Namespace | null, resource: ResourceName, object: KubeObject): string[] {
  if (home === null || !isA('jobs', resource, object)) return [];
  const violation = podSecurityViolation(home, 'warn', object.spec.template.spec);
  return violation === null ? [] : [`would ${violation}`];
}

function checkPreconditions(resource: ResourceName, current: KubeObject, sent: KubeObject): void {
  const { uid, resourceVersion, name } = current.metadata;
  if (sent.metadata.resourceVersion !== '' && sent.metadata.resourceVersion !== resourceVersion) {
    throw conflict(
      resource,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  if (sent.metadata.uid !== '' && sent.metadata.uid !== uid) {
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${sent.metadata.uid}, UID in object meta: ${uid}`,
    );
  }
}

/** The sent object with what only the server may change taken from the current one. */
function keepOwn(resource: ResourceName, current: KubeObject, sent: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds } =
    current.metadata;
  const { labels, annotations, ownerReferences, finalizers } = sent.metadata;
  const optional = { namespace, deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, ownerReferences };
  const { generateName } = current.metadata;
  const status = 'status' in current ? { status: current.status } : {};
  const spec = isA('namespaces', resource, current) ? { spec: current.spec } : {};
  const isChanged = 'spec' in sent && 'spec' in current && !isDeepStrictEqual(sent.spec, current.spec);
  const generation = current.metadata.generation;
  const metadata = {
    name,
    uid,
    resourceVersion,
    creationTimestamp,
    ...present({ ...optional, generateName, finalizers: finalizers?.length ? finalizers : undefined }),
    ...(generation === undefined ? {} : { generation: isChanged ? generation + 1 : generation }),
  };
  return { ...sent, ...spec, ...status, metadata };
}

function present<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isDefined(value)) kept[key] = value;
  }
  return kept;
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined;
}
