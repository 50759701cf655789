import { RESOURCE_NAMES, RESOURCES } from '../objects/resources.ts';

const GROUP_VERSIONS = [...new Set(RESOURCE_NAMES.map((name) => RESOURCES[name].apiVersion))];
const GROUPS = GROUP_VERSIONS.filter((each) => each.includes('/')).map((groupVersion) => {
  const [name = '', version = ''] = groupVersion.split('/');
  return { name, versions: [{ groupVersion, version }], preferredVersion: { groupVersion, version } };
});

/** The API that the local cloud speaks is that of this minor version, as far as it goes. */
const VERSION = { major: '1', minor: '32', gitVersion: 'v1.32.4-carthub-db.local', platform: 'linux/amd64' };

/**
 * What a client asks before it knows which resources there are: versions, groups, resources, and of OpenAPI as much as
 * kubectl wants to know: that the server validates fields itself. Undefined for any other path.
 */
export function discover(path: string, serverAddress: string): Record<string, unknown> | string | undefined {
  if (path === '/version') return VERSION;
  if (['/healthz', '/livez', '/readyz'].includes(path)) return 'ok';
  if (path === '/api') {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    };
  }
  if (path === '/apis') return { kind: 'APIGroupList', apiVersion: 'v1', groups: GROUPS };
  const group = GROUPS.find(({ name }) => path === `/apis/${name}`);
  if (group) return { kind: 'APIGroup', apiVersion: 'v1', ...group };
  const groupVersion = GROUP_VERSIONS.find((each) => path === rootOf(each));
  if (groupVersion) return resourceList(groupVersion);
  return openApi(path);
}

function rootOf(groupVersion: string): string {
  return groupVersion.includes('/') ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

function resourceList(groupVersion: string): Record<string, unknown> {
  const resources = RESOURCE_NAMES.filter((name) => RESOURCES[name].apiVersion === groupVersion).flatMap((name) => {
    const { kind, namespaced, short, verbs } = RESOURCES[name];
    const shortNames = short.length === 0 ? {} : { shortNames: short };
    const categories = name === 'jobs' || name === 'pods' ? { categories: ['all'] } : {};
    const singularName = kind.toLowerCase();
    const entry = { name, singularName, namespaced, kind, verbs, ...shortNames, ...categories };
    const log = { name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] };
    return name === 'pods' ? [entry, log] : [entry];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}

function openApi(path: string): Record<string, unknown> | undefined {
  const names = new Map(GROUP_VERSIONS.map((each) => [`/openapi/v3${rootOf(each)}`, each]));
  if (path === '/openapi/v3') {
    const paths = [...names.keys()].map((url) => [url.slice('/openapi/v3/'.length), { serverRelativeURL: url }]);
    return { paths: Object.fromEntries(paths) };
  }
  const groupVersion = names.get(path);
  return groupVersion === undefined ? undefined : openApiOf(groupVersion);
}

/** kubectl leaves validation to the server where PATCH takes `fieldValidation` (cli-runtime's QueryParamVerifierV3). */
function openApiOf(groupVersion: string): Record<string, unknown> {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['', groupVersion];
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation'].map((name) => {
    return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
  });
  const paths = RESOURCE_NAMES.filter((name) => RESOURCES[name].apiVersion === groupVersion).map((name) => {
    const { kind, namespaced } = RESOURCES[name];
    const patch = {
      parameters,
      responses: {},
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind },
    };
    return [`${rootOf(groupVersion)}/${namespaced ? 'namespaces/{namespace}/' : ''}${name}/{name}`, { patch }];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: VERSION.gitVersion },
    paths: Object.fromEntries(paths),
    components: { schemas: {} },
  };
}
