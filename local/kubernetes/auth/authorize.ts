import { StatusError } from '../api/status.ts';
import type { Role, RoleBinding } from '../objects/plain.ts';
import type { Store } from '../store/store.ts';
import type { User } from './authenticate.ts';

/** What somebody wants to do: to a resource, or to a path that is none. */
export type Attributes =
  | {
      verb: string;
      group: string;
      /** With its subresource: `pods/log`. */
      resource: string;
      namespace: string | null;
      name: string | null;
    }
  | { verb: string; path: string };

/** What every authenticated user may read (the cluster roles system:discovery and system:public-info-viewer). */
const DISCOVERY = /^\/(api|apis|openapi|version|healthz|livez|readyz)(\/|$)/;

/**
 * Role-based access control by the Roles and RoleBindings that are stored; there are no ClusterRoles. Throws 403 in
 * Kubernetes' own words. Nobody but the admin should be given rights on Roles: the check against escalation is not made.
 */
export function authorize(store: Store, user: User, wanted: Attributes): void {
  if (user.groups.includes('system:masters')) return;
  if ('path' in wanted) {
    if (DISCOVERY.test(wanted.path) && wanted.verb === 'get') return;
    throw new StatusError(
      403,
      'Forbidden',
      `forbidden: User "${user.name}" cannot ${wanted.verb} path "${wanted.path}"`,
      {},
    );
  }
  const bindings = wanted.namespace === null ? [] : store.rolebindings.list(wanted.namespace);
  const roles = bindings
    .filter((binding) => isFor(binding, user))
    .flatMap(({ roleRef, metadata }) =>
      roleRef.kind === 'Role' ? (store.roles.get(metadata.namespace, roleRef.name) ?? []) : [],
    );
  if (roles.some(({ rules }) => rules.some((rule) => allows(rule, wanted)))) return;

  const { group, resource, namespace, name, verb } = wanted;
  const [bare] = resource.split('/');
  const where = namespace === null ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const what = `${group === '' ? bare : `${bare}.${group}`}${name === null ? '' : ` "${name}"`}`;
  throw new StatusError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user.name}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    { ...(name === null ? {} : { name }), ...(group === '' ? {} : { group }), kind: `${bare}` },
  );
}

function isFor(binding: RoleBinding, user: User): boolean {
  return (binding.subjects ?? []).some(
    ({ kind, name }) => (kind === 'User' && name === user.name) || (kind === 'Group' && user.groups.includes(name)),
  );
}

function allows(rule: Role['rules'][number], wanted: Extract<Attributes, { resource: string }>): boolean {
  const covers = (list: string[] | undefined, value: string) => list?.some((each) => each === '*' || each === value);
  const subresource = wanted.resource.split('/')[1];
  return Boolean(
    covers(rule.verbs, wanted.verb) &&
      covers(rule.apiGroups, wanted.group) &&
      (covers(rule.resources, wanted.resource) || (subresource && rule.resources?.includes(`*/${subresource}`))) &&
      (!rule.resourceNames?.length || (wanted.name !== null && rule.resourceNames.includes(wanted.name))),
  );
}
