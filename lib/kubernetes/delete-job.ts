import type { KubernetesClient } from './client.ts';
import { jobsPath } from './launch-job.ts';
import { podsOf } from './observe-job.ts';

/**
 * Asks for the Job's deletion and says whether it and its pods are gone. Safe to ask again, and when there is none.
 * Without a propagation policy a Job deleted through the API leaves its pods running as orphans.
 */
export async function deleteJob(options: {
  kubernetes: KubernetesClient;
  namespace: string;
  name: string;
}): Promise<{ gone: boolean }> {
  const { kubernetes, namespace, name } = options;
  const found = await kubernetes.call('DELETE', `${jobsPath(namespace)}/${name}`, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
  });
  const pods = await podsOf(kubernetes, namespace, name);
  return { gone: found.status === 404 && pods.length === 0 };
}
