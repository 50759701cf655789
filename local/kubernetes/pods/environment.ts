import { notImplemented } from '../api/status.ts';
import type { Container, Pod } from '../objects/pod.ts';
import type { Store } from '../store/store.ts';
import { ConfigError } from './obstacle.ts';

/**
 * The variables that a container's spec gives it, in the order of the spec: later ones win, and `$(NAME)` in a value stands
 * for one that came before. A ConfigMap or Secret that is not there is a {@link ConfigError}; no Secret ever is, because the
 * local cloud keeps none.
 */
export function environmentOf(store: Store, pod: Pod, container: Container): Record<string, string> {
  const env: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    if (secretRef && !secretRef.optional) throw new ConfigError(`secret "${secretRef.name}" not found`);
    if (!configMapRef) continue;
    const map = store.configmaps.get(pod.metadata.namespace, configMapRef.name);
    if (!map && !configMapRef.optional) throw new ConfigError(`configmap "${configMapRef.name}" not found`);
    for (const [key, value] of Object.entries(map?.data ?? {})) env[`${prefix}${key}`] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const found = valueFrom === undefined ? expand(value ?? '', env) : resolveSource(store, pod, valueFrom);
    if (found !== null) env[name] = found;
  }
  return env;
}

type Source = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>;

function resolveSource(store: Store, pod: Pod, { fieldRef, configMapKeyRef, secretKeyRef }: Source): string | null {
  const { namespace } = pod.metadata;
  if (fieldRef) return fieldOf(pod, fieldRef.fieldPath);
  if (secretKeyRef) {
    if (secretKeyRef.optional) return null;
    throw new ConfigError(`secret "${secretKeyRef.name}" not found`);
  }
  if (configMapKeyRef) {
    const { name, key, optional } = configMapKeyRef;
    const map = store.configmaps.get(namespace, name);
    const value = map?.data?.[key];
    if (value !== undefined) return value;
    if (optional) return null;
    throw new ConfigError(
      map ? `couldn't find key ${key} in ConfigMap ${namespace}/${name}` : `configmap "${name}" not found`,
    );
  }
  throw notImplemented('this kind of env.valueFrom');
}

function fieldOf(pod: Pod, path: string): string {
  const { metadata, spec, status } = pod;
  const [, map, key] = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path) ?? [];
  if (map === 'labels') return metadata.labels?.[key ?? ''] ?? '';
  if (map === 'annotations') return metadata.annotations?.[key ?? ''] ?? '';
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.hostIP': status.hostIP,
    'status.podIP': status.podIP,
  };
  if (!Object.hasOwn(fields, path)) throw new ConfigError(`unsupported fieldPath: ${path}`);
  return fields[path] ?? '';
}

/** `$(NAME)` by its value, `$$` by a dollar; a name that nobody gave stays as it is. */
export function expand(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([^()]+)\)/g, (found, name: string | undefined) => {
    if (name === undefined) return '$';
    return env[name] ?? found;
  });
}
