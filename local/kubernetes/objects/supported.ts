import { notImplemented } from '../api/status.ts';
import type { Job } from './job.ts';
import type { Container, PodSpec } from './pod.ts';

/**
 * Refuses by name what changes how a Job runs and what the local cloud does not do, so that nobody takes its silence for
 * consent. What has no meaning for one process on one machine (resources, affinity, tolerations, security contexts beyond
 * Pod Security, DNS, host namespaces) is stored and not obeyed.
 */
export function refuseUnsupported({ spec }: Job): void {
  const refuse = (is: boolean, what: string) => {
    if (is) throw notImplemented(what);
  };
  refuse(spec.parallelism !== 1, `spec.parallelism ${spec.parallelism}: a Job runs one pod at a time`);
  refuse(spec.completions !== 1, `spec.completions ${spec.completions}: a Job is done when one pod has succeeded`);
  refuse(spec.completionMode !== 'NonIndexed', `spec.completionMode ${spec.completionMode}`);
  refuse(spec.podReplacementPolicy !== 'TerminatingOrFailed', `spec.podReplacementPolicy ${spec.podReplacementPolicy}`);
  refuse(spec.manualSelector === true, 'spec.manualSelector');
  for (const field of [
    'podFailurePolicy',
    'successPolicy',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
    'managedBy',
  ] as const) {
    refuse(spec[field] !== undefined, `spec.${field}`);
  }
  refuseInPod(spec.template.spec, refuse);
}

type Refuse = (is: boolean, what: string) => void;

const AT = 'spec.template.spec';
const MOUNTABLE = ['name', 'emptyDir', 'configMap'];

function refuseInPod(spec: PodSpec, refuse: Refuse): void {
  refuse(spec.restartPolicy !== 'Never', `${AT}.restartPolicy ${spec.restartPolicy}: only Never`);
  refuse(spec.containers.length > 1, `more than one of ${AT}.containers`);
  for (const field of [
    'initContainers',
    'ephemeralContainers',
    'schedulingGates',
    'readinessGates',
    'resourceClaims',
  ] as const) {
    refuse((spec[field]?.length ?? 0) > 0, `${AT}.${field}`);
  }
  refuse(spec.activeDeadlineSeconds !== undefined, `${AT}.activeDeadlineSeconds: set it on the Job`);
  for (const volume of spec.volumes ?? []) {
    const kind = Object.keys(volume).find((field) => !MOUNTABLE.includes(field));
    refuse(kind !== undefined, `${AT}.volumes of kind ${kind}`);
  }
  for (const container of spec.containers) refuseInContainer(container, refuse);
}

function refuseInContainer(container: Container, refuse: Refuse): void {
  const at = `${AT}.containers`;
  for (const field of [
    'lifecycle',
    'livenessProbe',
    'readinessProbe',
    'startupProbe',
    'restartPolicy',
    'workingDir',
  ] as const) {
    refuse(container[field] !== undefined, `${at}.${field}`);
  }
  refuse((container.volumeDevices?.length ?? 0) > 0, `${at}.volumeDevices`);
  for (const { subPathExpr } of container.volumeMounts ?? [])
    refuse(subPathExpr !== undefined, `${at}.volumeMounts.subPathExpr`);
  for (const { valueFrom } of container.env ?? []) {
    refuse(valueFrom?.resourceFieldRef !== undefined, `${at}.env.valueFrom.resourceFieldRef`);
  }
}
