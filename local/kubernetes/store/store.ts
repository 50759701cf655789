import { join } from 'node:path';
import * as z from 'zod/mini';
import { KubernetesDataError } from '../errors.ts';
import type { KubeObject } from '../objects/metadata.ts';
import { type ObjectOf, RESOURCE_NAMES, type ResourceName, SCHEMAS } from '../objects/resources.ts';
import { type Collection, createCollection, type Revisions } from './collection.ts';
import { NO_FILES, openFiles } from './files.ts';

/** Everything that the API server knows: what etcd is to a real one. */
export type Store = {
  [R in ResourceName]: Collection<ObjectOf<R>>;
} & { revisions: Revisions };

/** Reads what an earlier cloud left in `folder`. Its resource versions go on above all earlier ones. */
export function openStore(folder: string, now: () => Date): Store {
  // Larger than at any earlier start, as long as fewer than a thousand changes a second were made since.
  const revisions = { current: now().getTime() };
  const open = <R extends ResourceName>(resource: R, schema: z.ZodMiniType<ObjectOf<R>>): Collection<ObjectOf<R>> => {
    const files = resource === 'events' ? NO_FILES : openFiles(join(folder, resource));
    const stored = files.read().map(({ file, content }) => parse(schema, file, content));
    return createCollection<ObjectOf<R>>({ revisions, files, stored });
  };
  return {
    revisions,
    namespaces: open('namespaces', SCHEMAS.namespaces),
    serviceaccounts: open('serviceaccounts', SCHEMAS.serviceaccounts),
    configmaps: open('configmaps', SCHEMAS.configmaps),
    pods: open('pods', SCHEMAS.pods),
    events: open('events', SCHEMAS.events),
    jobs: open('jobs', SCHEMAS.jobs),
    roles: open('roles', SCHEMAS.roles),
    rolebindings: open('rolebindings', SCHEMAS.rolebindings),
    networkpolicies: open('networkpolicies', SCHEMAS.networkpolicies),
  };
}

/** The collection of `resource`, for whoever treats all kinds alike. */
export function collectionOf(store: Store, resource: ResourceName): Collection<KubeObject> {
  return store[resource];
}

/** Every object of every kind, with its resource. */
export function everything(store: Store, namespace?: string): { resource: ResourceName; object: KubeObject }[] {
  return RESOURCE_NAMES.flatMap((resource) =>
    collectionOf(store, resource)
      .list(namespace)
      .map((object) => ({ resource, object })),
  );
}

function parse<T>(schema: z.ZodMiniType<T>, file: string, content: unknown): T {
  try {
    return z.parse(schema, content);
  } catch (cause) {
    throw new KubernetesDataError(`${file} is not an object that this version of the local cloud can read.`, {
      remedy: 'Remove the file, or all local data: npx carthub-db local reset',
      cause,
    });
  }
}
