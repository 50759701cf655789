import { isDeepStrictEqual } from 'node:util';
import { type Cause, invalid } from '../api/status.ts';
import type { KubeObject } from './metadata.ts';
import type { ResourceName } from './resources.ts';
import { isA } from './validate.ts';

/** Refuses (422) a change of what cannot be changed once the object is there. */
export function checkImmutable(resource: ResourceName, before: KubeObject, after: KubeObject): void {
  const causes = changes(resource, before, after);
  if (causes.length > 0) throw invalid(resource, before.metadata.name, causes);
}

function changes(resource: ResourceName, before: KubeObject, after: KubeObject): Cause[] {
  if (isA('jobs', resource, before) && isA('jobs', resource, after)) {
    const fields = ['completions', 'completionMode', 'selector', 'template'] as const;
    return fields.flatMap((field) => {
      if (isDeepStrictEqual(before.spec[field], after.spec[field])) return [];
      // The real message dumps the whole Go value here.
      const shown = field === 'template' ? 'core.PodTemplateSpec{...}' : JSON.stringify(after.spec[field]);
      return [fixed(`spec.${field}`, shown, 'field is immutable')];
    });
  }
  if (isA('pods', resource, before) && isA('pods', resource, after)) {
    if (isDeepStrictEqual(before.spec, after.spec)) return [];
    const message =
      'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    return [{ reason: 'FieldValueForbidden', message, field: 'spec' }];
  }
  if (isA('rolebindings', resource, before) && isA('rolebindings', resource, after)) {
    return isDeepStrictEqual(before.roleRef, after.roleRef)
      ? []
      : [fixed('roleRef', JSON.stringify(after.roleRef), 'cannot change roleRef')];
  }
  if (isA('configmaps', resource, before) && isA('configmaps', resource, after) && before.immutable === true) {
    return isDeepStrictEqual(before.data, after.data)
      ? []
      : [
          {
            reason: 'FieldValueForbidden',
            message: 'Forbidden: field is immutable when `immutable` is set',
            field: 'data',
          },
        ];
  }
  return [];
}

function fixed(field: string, shown: string, why: string): Cause {
  return { reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${why}`, field };
}
