import { remove } from '../api/delete.ts';
import type { Cluster, Pace } from '../cluster.ts';
import type { Job } from '../objects/job.ts';
import { keyOf } from '../objects/metadata.ts';
import type { Pod } from '../objects/pod.ts';
import { createQueue } from '../queue.ts';
import { isFinished } from './conditions.ts';
import { isOf, type Memory, releasePod, syncJob } from './sync.ts';

const FOREGROUND = {
  propagation: 'Foreground',
  graceSeconds: null,
  uid: null,
  resourceVersion: null,
  dryRun: false,
} as const;

/** Looks at a Job whenever it, one of its pods, or an account that it may have waited for has changed. */
export function startJobController(cluster: Cluster, pace: Pace): { stop(): void } {
  const { store } = cluster;
  const memories = new Map<string, Memory>();

  const sync = (key: string) => {
    const [namespace, name = ''] = key.split('/');
    const job = store.jobs.get(namespace, name);
    if (!job) {
      memories.delete(key);
      return;
    }
    const memory = memories.get(key) ?? { lastFailure: Number.NEGATIVE_INFINITY, refusals: 0 };
    memories.set(key, memory);
    const again = syncJob(cluster, pace, job, memory);
    if (again !== null) queue.add(key, again);
    removeWhenOld(key, job);
  };

  /** ttlSecondsAfterFinished: as the real controller, in the foreground, so that its pods go first. */
  const removeWhenOld = (key: string, job: Job) => {
    const ttl = job.spec.ttlSecondsAfterFinished;
    const finished = job.status.conditions?.find(({ type }) => type === 'Complete' || type === 'Failed');
    if (ttl === undefined || !finished || !isFinished(job) || job.metadata.deletionTimestamp !== undefined) return;
    const left = Date.parse(finished.lastTransitionTime) + ttl * 1000 - cluster.now().getTime();
    if (left <= 0) remove(cluster, 'jobs', job, FOREGROUND);
    else queue.add(key, left);
  };

  const look = (pod: Pod) => {
    const owner = store.jobs.list(pod.metadata.namespace).find((job) => isOf(pod, job));
    if (owner) queue.add(keyOf(owner));
    else orphans.add(keyOf(pod));
  };
  /** Pods whose Job is gone, or that were let go of. */
  const orphans = createQueue((key) => {
    const [namespace, name = ''] = key.split('/');
    const pod = store.pods.get(namespace, name);
    if (pod && !store.jobs.list(namespace).some((job) => isOf(pod, job))) releasePod(cluster, pod);
  }, cluster.say);

  const queue = createQueue(sync, cluster.say);
  const stops = [
    store.jobs.onChange(({ type, object }) => {
      queue.add(keyOf(object));
      if (type === 'DELETED') for (const pod of store.pods.list(object.metadata.namespace)) look(pod);
    }),
    store.pods.onChange(({ object, previous }) => {
      look(object);
      if (previous) look(previous);
    }),
    store.serviceaccounts.onChange(({ type, object }) => {
      if (type === 'ADDED') for (const job of store.jobs.list(object.metadata.namespace)) queue.add(keyOf(job));
    }),
  ];
  for (const job of store.jobs.list()) queue.add(keyOf(job));
  for (const pod of store.pods.list()) look(pod);
  return {
    stop() {
      for (const stop of stops) stop();
      queue.stop();
      orphans.stop();
    },
  };
}
