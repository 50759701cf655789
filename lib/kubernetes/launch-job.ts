import type { KubernetesClient } from './client.ts';
import { JobNameTakenError } from './errors.ts';
import { job } from './objects.ts';

export const RUN_ANNOTATION = 'carthub-db/run';

/**
 * Creates the Job, or adopts the one that an earlier try of the same run made: the name is made from the run, and the
 * annotation says whose it is.
 */
export async function launchJob(options: {
  kubernetes: KubernetesClient;
  namespace: string;
  manifest: { metadata: { name: string } };
  run: string;
}): Promise<void> {
  const { kubernetes, namespace, manifest, run } = options;
  const path = jobsPath(namespace);
  const created = await kubernetes.call('POST', `${path}?fieldManager=carthub-db&fieldValidation=Strict`, manifest);
  if (created.status < 300) return;
  const found = await kubernetes.call('GET', `${path}/${manifest.metadata.name}`);
  const owner = found.status === 200 ? job.parse(found.body).metadata.annotations[RUN_ANNOTATION] : undefined;
  if (owner === run) return;
  throw new JobNameTakenError(
    `The Job ${manifest.metadata.name} in ${namespace} is there and belongs to ${owner ?? 'nobody that we know'}.`,
    { remedy: `Look at it, and delete it: kubectl delete job ${manifest.metadata.name} --namespace ${namespace}` },
  );
}

export function jobsPath(namespace: string): string {
  return `/apis/batch/v1/namespaces/${namespace}/jobs`;
}
