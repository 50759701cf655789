import { EKSClient } from '@aws-sdk/client-eks';
import { patience } from '../../lib/aws/patience.ts';
import type { KubernetesClient } from '../../lib/kubernetes/client.ts';
import { connectCluster } from '../../lib/kubernetes/cluster.ts';
import { settings } from './settings.ts';

const eks = new EKSClient(patience);

let cluster: Promise<KubernetesClient> | null = null;

/** The cluster's client, made once a container; after a failure it is made again. */
export async function kubernetes(): Promise<KubernetesClient> {
  cluster ??= connectCluster({
    eks,
    cluster: settings.EKS_CLUSTER,
    region: settings.AWS_REGION,
    credentials: () => eks.config.credentials(),
    now: () => new Date(),
  });
  try {
    return await cluster;
  } catch (error) {
    cluster = null;
    throw error;
  }
}
