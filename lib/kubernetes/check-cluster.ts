import type { KubernetesClient } from './client.ts';
import { ServiceAccountMissingError } from './errors.ts';

/** Does the cluster answer us, and is the account there that the Job runs as? Without it no pod would ever be made. */
export async function checkCluster(options: {
  kubernetes: KubernetesClient;
  namespace: string;
  serviceAccount: string;
}): Promise<void> {
  const { kubernetes, namespace, serviceAccount } = options;
  const found = await kubernetes.call('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}`);
  if (found.status !== 200) {
    throw new ServiceAccountMissingError(
      `There is no ServiceAccount ${serviceAccount} in the namespace ${namespace}.`,
      {
        remedy: 'Make it: kubectl apply -f k8s/namespace.yaml -f k8s/service-account.yaml',
      },
    );
  }
}
