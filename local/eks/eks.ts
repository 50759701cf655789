import { readFile } from 'node:fs/promises';
import { notImplemented, type Service, ServiceError } from '../service.ts';

export type EksOptions = {
  clusterName: string;
  account: string;
  region: string;
  /** Of the Kubernetes API server. */
  endpoint: () => string;
  /** The authority that signed its certificate, PEM. */
  caFile: string;
  createdAt: Date;
};

/** EKS, as far as finding the one cluster goes that the local Kubernetes plays: DescribeCluster and ListClusters. */
export function createEks(options: EksOptions): Service {
  return {
    name: 'eks',
    protocol: 'rest-json',
    operationOf,
    async call({ method, path }) {
      const operation = operationOf(method, path);
      if (operation === 'ListClusters') return { body: { clusters: [options.clusterName], nextToken: null } };
      if (operation !== 'DescribeCluster') throw notImplemented('eks', `${method} ${path}`);
      const name = decodeURIComponent(path.split('/')[2] ?? '');
      if (name !== options.clusterName) {
        const message = `No cluster found for name: ${name}.`;
        throw new ServiceError('ResourceNotFoundException', message, 404, { clusterName: name });
      }
      return { body: { cluster: await describe(options) } };
    },
  };
}

function operationOf(method: string, path: string): string | null {
  if (method !== 'GET') return null;
  if (/^\/clusters\/?$/.test(path)) return 'ListClusters';
  return /^\/clusters\/[^/]+$/.test(path) ? 'DescribeCluster' : null;
}

async function describe(options: EksOptions): Promise<Record<string, unknown>> {
  const { clusterName, account, region, caFile } = options;
  return {
    name: clusterName,
    arn: `arn:aws:eks:${region}:${account}:cluster/${clusterName}`,
    createdAt: Math.floor(options.createdAt.getTime() / 1000),
    version: '1.32',
    platformVersion: 'eks.1',
    endpoint: options.endpoint(),
    status: 'ACTIVE',
    roleArn: `arn:aws:iam::${account}:role/${clusterName}`,
    certificateAuthority: { data: (await readFile(caFile)).toString('base64') },
    accessConfig: { authenticationMode: 'API' },
    kubernetesNetworkConfig: { serviceIpv4Cidr: '10.100.0.0/16', ipFamily: 'ipv4' },
    resourcesVpcConfig: {
      endpointPublicAccess: false,
      endpointPrivateAccess: true,
      subnetIds: [],
      securityGroupIds: [],
    },
    tags: {},
  };
}
