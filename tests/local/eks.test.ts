import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeClusterCommand, EKSClient, ListClustersCommand, ListNodegroupsCommand } from '@aws-sdk/client-eks';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensureTls } from '../../local/certificates.ts';
import { createEks } from '../../local/eks/eks.ts';
import type { Service } from '../../local/service.ts';
import { clientOf, withEndpoint } from './with-endpoint.ts';

let folder: string;
let caFile: string;
let service: Service;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-eks-'));
  caFile = (await ensureTls(folder)).caFile;
  const endpoint = () => 'https://127.0.0.1:6443';
  const createdAt = new Date('2026-01-02T03:04:05Z');
  service = createEks({
    clusterName: 'carthub-eks',
    account: '000000000000',
    region: 'eu-west-1',
    endpoint,
    caFile,
    createdAt,
  });
});

afterAll(() => rm(folder, { recursive: true }));

function withClient<T>(use: (client: EKSClient) => Promise<T>): Promise<T> {
  return withEndpoint([service], (url) => use(new EKSClient(clientOf(url))));
}

test('DescribeCluster says where the Kubernetes API is and whom to trust for it', async () => {
  await withClient(async (client) => {
    const { cluster } = await client.send(new DescribeClusterCommand({ name: 'carthub-eks' }));

    expect(cluster).toMatchObject({
      name: 'carthub-eks',
      arn: 'arn:aws:eks:eu-west-1:000000000000:cluster/carthub-eks',
      status: 'ACTIVE',
      endpoint: 'https://127.0.0.1:6443',
      createdAt: new Date('2026-01-02T03:04:05Z'),
    });
    const ca = Buffer.from(cluster?.certificateAuthority?.data ?? '', 'base64').toString();
    expect(ca).toBe(await readFile(caFile, 'utf8'));
  });
});

test('ListClusters names the one that there is', async () => {
  await withClient(async (client) => {
    expect((await client.send(new ListClustersCommand({}))).clusters).toEqual(['carthub-eks']);
  });
});

test('another cluster is a ResourceNotFoundException that names it', async () => {
  await withClient(async (client) => {
    await expect(client.send(new DescribeClusterCommand({ name: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'No cluster found for name: other.',
      clusterName: 'other',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

test('what EKS has and this one has not is refused by name', async () => {
  await withClient(async (client) => {
    await expect(client.send(new ListNodegroupsCommand({ clusterName: 'carthub-eks' }))).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining('/clusters/carthub-eks/node-groups'),
    });
  });
});
