import type { KubernetesClient } from './client.ts';
import { jobsPath, RUN_ANNOTATION } from './launch-job.ts';
import { job } from './objects.ts';
import { podsOf } from './observe-job.ts';

/**
 * Asks for the Job's deletion and says whether it and its pods are gone. Safe to ask again, and when there is none.
 * Without a propagation policy a Job deleted through the API leaves its pods running as orphans.
 */
export async function deleteJob(options: {
  kubernetes: KubernetesClient;
  namespace: string;
  name: string;
  /** Whose Job it has to be: one of the same name that another run made is left alone. */
  run: string;
}): Promise<{ gone: boolean }> {
  const { kubernetes, namespace, name, run } = options;
  const path = `${jobsPath(namespace)}/${name}`;
  const there = await kubernetes.call('GET', path);
  const seen = there.status === 200 ? job.parse(there.body).metadata : null;
  if (seen !== null && seen.annotations[RUN_ANNOTATION] !== run) return { gone: true };
  const found = await kubernetes.call('DELETE', path, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
    ...(seen === null ? {} : { preconditions: { uid: seen.uid } }),
  });
  const pods = await podsOf(kubernetes, namespace, name);
  return { gone: found.status === 404 && pods.length === 0 };
}
