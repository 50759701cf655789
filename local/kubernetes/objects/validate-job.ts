import type { Cause } from '../api/status.ts';
import type { Job } from './job.ts';
import { checkLabelName, checkLabels, invalidField, notFoundField, requiredField, unsupportedValue } from './names.ts';
import type { Container, PodSpec } from './pod.ts';

/** What the API server checks of a Job before it takes it (pkg/apis/batch/validation). */
export function checkJob({ metadata, spec }: Job): Cause[] {
  const template = 'spec.template';
  const { restartPolicy } = spec.template.spec;
  return [
    // The Job's name becomes a label of its pods.
    ...(metadata.name.length > 63
      ? [invalidField(`${template}.labels`, metadata.name, 'must be no more than 63 characters')]
      : []),
    ...notNegative('spec.parallelism', spec.parallelism),
    ...notNegative('spec.completions', spec.completions),
    ...notNegative('spec.backoffLimit', spec.backoffLimit),
    ...notNegative('spec.activeDeadlineSeconds', spec.activeDeadlineSeconds),
    ...notNegative('spec.ttlSecondsAfterFinished', spec.ttlSecondsAfterFinished),
    ...checkLabels(`${template}.labels`, spec.template.metadata.labels),
    // "Always" is also what defaulting makes of a missing one.
    ...(restartPolicy === 'Always'
      ? [requiredField(`${template}.spec.restartPolicy`, 'valid values: "OnFailure", "Never"')]
      : oneOf(`${template}.spec.restartPolicy`, restartPolicy, ['OnFailure', 'Never'])),
    ...checkPodSpec(`${template}.spec`, spec.template.spec),
  ];
}

function checkPodSpec(at: string, spec: PodSpec): Cause[] {
  const volumes = (spec.volumes ?? []).map(({ name }) => name);
  return [
    ...(spec.containers.length === 0 ? [requiredField(`${at}.containers`)] : []),
    ...notNegative(`${at}.terminationGracePeriodSeconds`, spec.terminationGracePeriodSeconds),
    ...volumes.flatMap((name, i) => checkLabelName(`${at}.volumes[${i}].name`, name)),
    ...volumes.flatMap((name, i) => (volumes.indexOf(name) === i ? [] : [duplicate(`${at}.volumes[${i}].name`, name)])),
    ...spec.containers.flatMap((container, i) => checkContainer(`${at}.containers[${i}]`, container, volumes)),
  ];
}

function checkContainer(at: string, container: Container, volumes: string[]): Cause[] {
  const mounts = container.volumeMounts ?? [];
  return [
    ...checkLabelName(`${at}.name`, container.name),
    ...(container.image === '' ? [requiredField(`${at}.image`)] : []),
    ...(container.image === container.image.trim()
      ? []
      : [invalidField(`${at}.image`, container.image, 'must not have leading or trailing whitespace')]),
    ...oneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']),
    ...oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...mounts.flatMap(({ name }, i) =>
      volumes.includes(name) ? [] : [notFoundField(`${at}.volumeMounts[${i}].name`, name)],
    ),
    ...mounts.flatMap(({ mountPath }, i) =>
      mounts.findIndex((other) => other.mountPath === mountPath) === i
        ? []
        : [invalidField(`${at}.volumeMounts[${i}].mountPath`, mountPath, 'must be unique')],
    ),
    ...(container.env ?? []).flatMap(({ name, value, valueFrom }, i) => [
      ...(name === '' ? [requiredField(`${at}.env[${i}].name`)] : []),
      ...(value && valueFrom
        ? [invalidField(`${at}.env[${i}].valueFrom`, '', 'may not be specified when `value` is not empty')]
        : []),
      ...(valueFrom && Object.keys(valueFrom).length !== 1
        ? [
            invalidField(
              `${at}.env[${i}].valueFrom`,
              '',
              'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
            ),
          ]
        : []),
    ]),
  ];
}

function notNegative(field: string, value: number | undefined): Cause[] {
  return value === undefined || value >= 0 ? [] : [invalidField(field, value, 'must be greater than or equal to 0')];
}

function oneOf(field: string, value: string | undefined, allowed: string[]): Cause[] {
  return value === undefined || allowed.includes(value) ? [] : [unsupportedValue(field, value, allowed.toSorted())];
}

function duplicate(field: string, value: string): Cause {
  return { reason: 'FieldValueDuplicate', message: `Duplicate value: "${value}"`, field };
}
