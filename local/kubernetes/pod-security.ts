import type { Namespace } from './objects/plain.ts';
import type { Container, PodSpec } from './objects/pod.ts';

/**
 * How a pod breaks the Pod Security Standard that its namespace asks for in `mode`, in the words of the real admission
 * plugin, or null. Of the standards those rules are checked that a Job can break without naming something that is refused
 * here anyway. https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function podSecurityViolation(namespace: Namespace, mode: 'enforce' | 'warn', spec: PodSpec): string | null {
  const label = `pod-security.kubernetes.io/${mode}`;
  const level = namespace.metadata.labels?.[label] ?? 'privileged';
  const version = namespace.metadata.labels?.[`${label}-version`] ?? 'latest';
  if (level !== 'baseline' && level !== 'restricted') return null;
  const found = [...baseline(spec), ...(level === 'restricted' ? restricted(spec) : [])];
  return found.length === 0 ? null : `violate PodSecurity "${level}:${version}": ${found.join(', ')}`;
}

function baseline(spec: PodSpec): string[] {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  const privileged = named(spec, ({ securityContext }) => securityContext?.privileged === true);
  return [
    ...(shared.length > 0 ? [`host namespaces (${shared.map((field) => `${field}=true`).join(', ')})`] : []),
    ...rule('privileged', privileged, 'must not set securityContext.privileged=true'),
  ];
}

function restricted(spec: PodSpec): string[] {
  const pod = spec.securityContext;
  const escalating = named(spec, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  const capable = named(spec, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const asRoot = named(spec, ({ securityContext }) => (securityContext?.runAsNonRoot ?? pod.runAsNonRoot) !== true);
  const userZero = named(spec, ({ securityContext }) => (securityContext?.runAsUser ?? pod.runAsUser) === 0);
  const unconfined = named(spec, ({ securityContext }) => {
    const type = securityContext?.seccompProfile?.type ?? pod.seccompProfile?.type;
    return type !== 'RuntimeDefault' && type !== 'Localhost';
  });
  return [
    ...rule('allowPrivilegeEscalation != false', escalating, 'must set securityContext.allowPrivilegeEscalation=false'),
    ...rule('unrestricted capabilities', capable, 'must set securityContext.capabilities.drop=["ALL"]'),
    ...rule('runAsNonRoot != true', asRoot, 'must set securityContext.runAsNonRoot=true', 'pod or '),
    ...rule('runAsUser=0', userZero, 'must not set runAsUser=0'),
    ...rule(
      'seccompProfile',
      unconfined,
      'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
      'pod or ',
    ),
  ];
}

function named(spec: PodSpec, breaks: (container: Container) => boolean): string[] {
  return spec.containers.filter(breaks).map(({ name }) => name);
}

function rule(what: string, containers: string[], must: string, before = ''): string[] {
  if (containers.length === 0) return [];
  const list = containers.map((name) => `"${name}"`).join(', ');
  return [`${what} (${before}container${containers.length > 1 ? 's' : ''} ${list} ${must})`];
}
