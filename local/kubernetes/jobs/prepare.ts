import { notImplemented } from '../api/status.ts';
import type { Job } from '../objects/job.ts';

/** The finalizer by which a pod waits for its Job to have counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** What the API server adds to a new Job: the labels that tie its pods to it, and the selector that finds them again. */
export function prepareJob(job: Job): Job {
  if (job.spec.selector !== undefined) throw notImplemented('spec.selector of a Job: leave it to the server');
  const { name, uid } = job.metadata;
  const labels = {
    ...job.spec.template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const ownLabels = job.metadata.labels ?? job.spec.template.metadata.labels;
  const { template } = job.spec;
  const containers = template.spec.containers.map((container) => ({
    ...container,
    imagePullPolicy: container.imagePullPolicy ?? (isLatest(container.image) ? 'Always' : 'IfNotPresent'),
  }));
  return {
    ...job,
    metadata: { ...job.metadata, ...(ownLabels ? { labels: ownLabels } : {}) },
    spec: {
      ...job.spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: { metadata: { ...template.metadata, labels }, spec: { ...template.spec, containers } },
    },
    status: {},
  };
}

function isLatest(image: string): boolean {
  const last = image.split('/').at(-1) ?? '';
  return !last.includes('@') && (!last.includes(':') || last.endsWith(':latest'));
}
