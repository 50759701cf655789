import { isResource, RESOURCES, type ResourceName } from '../objects/resources.ts';
import { badRequest, unknownResource } from './status.ts';

/** What a request to `/api/v1/...` or `/apis/GROUP/VERSION/...` is about; see {@link parsePath}. */
export type Target = {
  group: string;
  version: string;
  /** As in the path, whether we have it or not. */
  resource: string;
  subresource: string | null;
  namespace: string | null;
  name: string | null;
};

/** Reads a path as the real server does (apiserver/pkg/endpoints/request); null when it is not one of a resource. */
export function parsePath(path: string): Target | null {
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const [root, ...rest] = parts;
  const [group, version, ...tail] = root === 'api' ? ['', ...rest] : rest;
  if ((root !== 'api' && root !== 'apis') || group === undefined || version === undefined) return null;
  const [first, second, third, fourth, ...more] = tail;
  if (first === undefined || more.length > 1) return null;
  if (first !== 'namespaces' || second === undefined) {
    return { group, version, resource: first, namespace: null, name: second ?? null, subresource: third ?? null };
  }
  // `/namespaces/NAME` and `/namespaces/NAME/status` are about the namespace itself, all longer ones about what is in it.
  if (third === undefined || third === 'status' || third === 'finalize') {
    return { group, version, resource: first, namespace: second, name: second, subresource: third ?? null };
  }
  return { group, version, resource: third, namespace: second, name: fourth ?? null, subresource: more[0] ?? null };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid URL escape in "${part}"`);
  }
}

export type RequestVerb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Kubernetes' name of what a method does; null for a method that it has no name for. */
export function verbOf(method: string, target: Target, query: URLSearchParams): RequestVerb | null {
  const isWatch = ['true', '1', ''].includes(query.get('watch') ?? 'false');
  switch (method) {
    case 'GET':
    case 'HEAD':
      return isWatch ? 'watch' : target.name === null ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return target.name === null ? 'deletecollection' : 'delete';
    default:
      return null;
  }
}

/** The resource of ours that the path names, or 404. */
export function resourceOf({ group, version, resource }: Target): ResourceName {
  if (isResource(resource) && RESOURCES[resource].group === group && RESOURCES[resource].version === version) {
    return resource;
  }
  throw unknownResource(`${resource}${group === '' ? '' : `.${group}`} in ${version}`);
}
