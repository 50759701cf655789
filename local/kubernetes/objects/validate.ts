import { type Cause, invalid } from '../api/status.ts';
import type { KubeObject } from './metadata.ts';
import { checkKey, checkLabelName, checkLabels, checkPathName, checkSubdomainName, requiredField } from './names.ts';
import type { ObjectOf, ResourceName } from './resources.ts';
import { checkJob } from './validate-job.ts';

/** Refuses (422) an object whose fields have the right types and values that the real server would not take. */
export function validate(resource: ResourceName, object: KubeObject): void {
  const causes = [...checkMetadata(resource, object), ...checkSpec(resource, object)];
  if (causes.length > 0) throw invalid(resource, object.metadata.name, causes);
}

function checkMetadata(resource: ResourceName, { metadata }: KubeObject): Cause[] {
  const checkName =
    resource === 'namespaces'
      ? checkLabelName
      : resource === 'roles' || resource === 'rolebindings'
        ? checkPathName
        : checkSubdomainName;
  return [
    ...checkName('metadata.name', metadata.name),
    ...checkLabels('metadata.labels', metadata.labels),
    ...Object.keys(metadata.annotations ?? {}).flatMap((key) => checkKey('metadata.annotations', key.toLowerCase())),
  ];
}

function checkSpec(resource: ResourceName, object: KubeObject): Cause[] {
  if (isA('jobs', resource, object)) return checkJob(object);
  if (isA('roles', resource, object)) {
    return object.rules.flatMap((rule, i) => [
      ...(rule.verbs.length === 0 ? [requiredField(`rules[${i}].verbs`, 'verbs must contain at least one value')] : []),
      ...(rule.resources?.length
        ? []
        : [requiredField(`rules[${i}].resources`, 'resource rules must supply at least one resource')]),
      ...(rule.apiGroups?.length
        ? []
        : [requiredField(`rules[${i}].apiGroups`, 'resource rules must supply at least one api group')]),
    ]);
  }
  if (isA('rolebindings', resource, object)) {
    return (object.subjects ?? []).flatMap(({ kind, namespace }, i) =>
      kind === 'ServiceAccount' && !namespace ? [requiredField(`subjects[${i}].namespace`)] : [],
    );
  }
  return [];
}

/** The kind of an object that came with its resource's name. */
export function isA<R extends ResourceName>(
  wanted: R,
  resource: ResourceName,
  object: KubeObject,
): object is ObjectOf<R> {
  return resource === wanted && object.kind.length > 0;
}
