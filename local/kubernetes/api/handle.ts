import type { ServerResponse } from 'node:http';
import type { User } from '../auth/authenticate.ts';
import { authorize } from '../auth/authorize.ts';
import type { Cluster } from '../cluster.ts';
import type { FieldValidation } from '../objects/decode.ts';
import type { KubeObject } from '../objects/metadata.ts';
import { RESOURCES, type ResourceName } from '../objects/resources.ts';
import { isA } from '../objects/validate.ts';
import type { Kubelet } from '../pods/kubelet.ts';
import { collectionOf } from '../store/store.ts';
import { readDeleteOptions, remove } from './delete.ts';
import { sendLog } from './logs.ts';
import { mergePatch, strategicMergePatch } from './patch.ts';
import { type RequestVerb, resourceOf, type Target, verbOf } from './request.ts';
import { fieldSelector, labelSelector, selectedName } from './selectors.ts';
import { badRequest, deleted, methodNotAllowed, notFound, type Status, StatusError } from './status.ts';
import { toTable, wantsTable } from './table.ts';
import { watch } from './watch.ts';
import { create, update, type WriteOptions } from './write.ts';

export type ApiRequest = {
  method: string;
  target: Target;
  query: URLSearchParams;
  headers: NodeJS.Dict<string | string[]>;
  body: unknown;
};

export type ApiReply = { code: number; body: KubeObject | Status | unknown; warnings: string[] };

/** Does what a request to a resource asks, or throws a StatusError. Null when the answer has been written already: a stream. */
export function handle(options: {
  cluster: Cluster;
  kubelet: Kubelet;
  user: User;
  request: ApiRequest;
  response: ServerResponse;
}): ApiReply | null {
  const { cluster, user, request } = options;
  const { target, method, query, headers } = request;
  const verb = verbOf(method, target, query);
  const { group, namespace, subresource } = target;
  const resource = subresource === null ? target.resource : `${target.resource}/${subresource}`;
  const name = target.name ?? (verb === 'list' || verb === 'watch' ? selectedName(query.get('fieldSelector')) : null);
  authorize(cluster.store, user, { verb: verb ?? method.toLowerCase(), group, resource, namespace, name });

  const found = resourceOf(target);
  if (subresource !== null) {
    if (found !== 'pods' || subresource !== 'log' || verb !== 'get') throw methodNotAllowed(`${method} of ${resource}`);
    const pod = one(cluster, 'pods', target);
    if (isA('pods', 'pods', pod))
      sendLog({ response: options.response, pod, query, kubelet: options.kubelet, now: cluster.now });
    return null;
  }
  checkScope(found, target, verb);
  const as = asOf(headers.accept);
  const show = (objects: KubeObject[], isList: boolean) => {
    const resourceVersion = `${cluster.store.revisions.current}`;
    const { includeObject } = Object.fromEntries(query);
    if (wantsTable(as)) {
      return toTable(found, objects, { now: cluster.now(), resourceVersion, includeObject: includeObject ?? null });
    }
    if (!isList) return objects[0];
    const { apiVersion, kind } = RESOURCES[found];
    // In a list the items' kind goes without saying, and the real server does not say it.
    const items = objects.map(({ apiVersion: _, kind: __, ...item }) => item);
    return { kind: `${kind}List`, apiVersion, metadata: { resourceVersion }, items };
  };
  const ok = (body: unknown, warnings: string[] = [], code = 200): ApiReply => ({ code, body, warnings });
  const matches = () => {
    const tests = [labelSelector(query.get('labelSelector')), fieldSelector(found, query.get('fieldSelector'))];
    return (object: KubeObject) =>
      (namespace === null || found === 'namespaces' || object.metadata.namespace === namespace) &&
      (target.name === null || object.metadata.name === target.name) &&
      tests.every((test) => test(object));
  };
  switch (verb) {
    case 'get':
      return ok(show([one(cluster, found, target)], false));
    case 'list':
      return ok(show(collectionOf(cluster.store, found).list().filter(matches()), true));
    case 'watch':
      watch({
        response: options.response,
        collection: collectionOf(cluster.store, found),
        query,
        matches: matches(),
        show: (object) => show([object], false),
      });
      return null;
    case 'create': {
      const { object, warnings } = create(cluster, { resource: found, namespace }, request.body, writeOptions(query));
      return ok(object, warnings, 201);
    }
    case 'update':
    case 'patch': {
      const sent = verb === 'update' ? request.body : patched(one(cluster, found, target), request);
      const where = {
        resource: found,
        namespace: RESOURCES[found].namespaced ? namespace : null,
        name: target.name ?? '',
      };
      const { object, warnings } = update(cluster, where, sent, writeOptions(query));
      return ok(object, warnings);
    }
    case 'delete': {
      const options = readDeleteOptions(query, request.body, isDryRun(query));
      const { gone, object, warnings } = remove(cluster, found, one(cluster, found, target), options);
      // The registry hands a pod and an account back even when they are gone.
      return ok(gone && found !== 'pods' && found !== 'serviceaccounts' ? deleted(found, object) : object, warnings);
    }
    default:
      throw methodNotAllowed(`${verb ?? method} of ${target.resource}`);
  }
}

function one(cluster: Cluster, resource: ResourceName, { namespace, name }: Target): KubeObject {
  const where = RESOURCES[resource].namespaced ? (namespace ?? '') : undefined;
  const object = collectionOf(cluster.store, resource).get(where, name ?? '');
  if (!object) throw notFound(resource, name ?? '');
  return object;
}

function checkScope(resource: ResourceName, { namespace, name }: Target, verb: RequestVerb | null): void {
  const { namespaced, verbs } = RESOURCES[resource];
  const isMissing = namespaced && namespace === null && (name !== null || verb === 'create');
  if (verb === null || isMissing || !verbs.some((each) => each === verb))
    throw methodNotAllowed(`${verb} of ${resource}`);
}

function patched(current: KubeObject, { body, headers }: ApiRequest): unknown {
  const type = String(headers['content-type'] ?? '').split(';')[0];
  switch (type) {
    case 'application/merge-patch+json':
      return mergePatch(current, body);
    case 'application/strategic-merge-patch+json':
      return strategicMergePatch(current, body);
    default:
      throw new StatusError(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: application/merge-patch+json, application/strategic-merge-patch+json (the local cloud does not implement ${type})`,
      );
  }
}

function writeOptions(query: URLSearchParams): WriteOptions {
  const asked = query.get('fieldValidation') ?? 'Warn';
  const known: FieldValidation[] = ['Strict', 'Warn', 'Ignore'];
  const fieldValidation = known.find((each) => each === asked);
  if (fieldValidation === undefined) throw badRequest(`fieldValidation: Unsupported value: "${asked}"`);
  return { dryRun: isDryRun(query), fieldValidation };
}

function isDryRun(query: URLSearchParams): boolean {
  const asked = query.getAll('dryRun');
  const other = asked.find((each) => each !== 'All' && each !== '');
  if (other !== undefined) throw badRequest(`dryRun: Unsupported value: "${other}": supported values: "All"`);
  return asked.includes('All');
}

function asOf(accept: string | string[] | undefined): string {
  return Array.isArray(accept) ? accept.join(',') : (accept ?? '');
}
