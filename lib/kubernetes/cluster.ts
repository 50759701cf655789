import { DescribeClusterCommand, type EKSClient } from '@aws-sdk/client-eks';
import type { AwsCredentialIdentity } from '@smithy/types';
import { createKubernetesClient, type KubernetesClient } from './client.ts';
import { ClusterNotReadyError } from './errors.ts';
import { clusterToken } from './token.ts';

/** A token is good for 15 minutes; we use it for 14, and never longer than the credentials that signed it. */
const TOKEN_MS = 14 * 60_000;

/** Finds the cluster's endpoint and certificate authority, and makes a client for it. Keep it for the container's life. */
export async function connectCluster(options: {
  eks: EKSClient;
  cluster: string;
  region: string;
  credentials: () => Promise<AwsCredentialIdentity>;
  now: () => Date;
}): Promise<KubernetesClient> {
  const { eks, cluster, region, credentials, now } = options;
  const found = await describe(eks, cluster);
  let minted: { token: string; until: number } | null = null;
  return createKubernetesClient({
    ...found,
    timeoutMs: 15_000,
    token: async (fresh) => {
      const at = now();
      if (minted !== null && !fresh && at.getTime() < minted.until) return minted.token;
      const identity = await credentials();
      const token = await clusterToken({ cluster, region, credentials: identity, now: at });
      const expires = identity.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      minted = { token, until: Math.min(at.getTime() + TOKEN_MS, expires) };
      return token;
    },
  });
}

async function describe(eks: EKSClient, name: string): Promise<{ endpoint: string; ca: string }> {
  const remedy = `Look at it: aws eks describe-cluster --name ${name}`;
  try {
    const { cluster } = await eks.send(new DescribeClusterCommand({ name }));
    const ca = cluster?.certificateAuthority?.data;
    // UPDATING and DEGRADED clusters still answer.
    if (!cluster?.endpoint || !ca || cluster.status === 'CREATING' || cluster.status === 'DELETING') {
      throw new ClusterNotReadyError(`The EKS cluster ${name} is ${cluster?.status ?? 'unknown'}.`, { remedy });
    }
    return { endpoint: cluster.endpoint, ca: Buffer.from(ca, 'base64').toString() };
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') {
      throw new ClusterNotReadyError(`There is no EKS cluster ${name}.`, { remedy, cause: error });
    }
    throw error;
  }
}
