import type { KubernetesClient } from './client.ts';
import { jobsPath } from './launch-job.ts';
import { type Event, eventList, type Job, job, type Pod, podList } from './objects.ts';

export type Observed = {
  job: Job | null;
  pods: Pod[];
  events: Event[];
};

/** Reads a Job, its pods, and its events when it has no pod: a pod that could not be made leaves no other trace. */
export async function observeJob(kubernetes: KubernetesClient, namespace: string, name: string): Promise<Observed> {
  const [found, pods] = await Promise.all([
    kubernetes.call('GET', `${jobsPath(namespace)}/${name}`),
    podsOf(kubernetes, namespace, name),
  ]);
  const events = pods.length === 0 && found.status === 200 ? await eventsOf(kubernetes, namespace, name) : [];
  return { job: found.status === 200 ? job.parse(found.body) : null, pods, events };
}

export async function podsOf(kubernetes: KubernetesClient, namespace: string, name: string): Promise<Pod[]> {
  const selector = encodeURIComponent(`batch.kubernetes.io/job-name=${name}`);
  const found = await kubernetes.call('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return found.status === 200 ? podList.parse(found.body).items : [];
}

async function eventsOf(kubernetes: KubernetesClient, namespace: string, name: string): Promise<Event[]> {
  const selector = encodeURIComponent(`involvedObject.kind=Job,involvedObject.name=${name}`);
  const found = await kubernetes.call('GET', `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`);
  return found.status === 200 ? eventList.parse(found.body).items : [];
}

/** What the container said at its end, if it got to say anything. The newest pod's word counts. */
export function terminationMessage(pods: Pod[]): string | null {
  const newest = [...pods].sort((a, b) =>
    (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? ''),
  );
  for (const pod of newest) {
    const message = pod.status.containerStatuses[0]?.state.terminated?.message;
    if (message) return message;
  }
  return null;
}

/** How the container ended, in Kubernetes' own words: `OOMKilled, exit code 137`. */
export function terminationReason(pods: Pod[]): string | null {
  for (const pod of pods) {
    const ended = pod.status.containerStatuses[0]?.state.terminated;
    if (ended) return `${ended.reason || 'ended'}, exit code ${ended.exitCode}`;
    if (pod.status.reason) return `${pod.status.reason}: ${pod.status.message}`;
  }
  return null;
}
