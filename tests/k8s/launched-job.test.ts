import { expect, jest, test } from '@jest/globals';
import type { KubernetesClient } from '../../lib/kubernetes/client.ts';
import type { Run } from '../../lib/runs/run.ts';
import { fields, manifests } from './manifests.ts';

const zeros = '0'.repeat(64);

/** What serverless.yml tells the function, for the stack that the manifest shows. */
const SETTINGS = {
  AWS_REGION: 'eu-west-1',
  DATABASE: 'carthub',
  BUCKET: 'carthub-db-carthub-000000000000-eu-west-1',
  DB_INSTANCE: 'carthub-db',
  DB_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:carthub-db/master-AbCdEf',
  OPS_SECURITY_GROUP: 'sg-ops',
  EKS_CLUSTER: 'carthub-eks',
  NAMESPACE: 'shopping-cart',
  SERVICE_ACCOUNT: 'database-migration',
  BACKUP_SERVICE_ACCOUNT: 'database-backup',
  DEADLINE_SECONDS: '86400',
};

const run: Run = {
  ...{ id: 'carthub-20261122-0900', execution: 'arn', kind: 'migrate', database: 'carthub', target: 11 },
  release: `releases/${zeros}.json`,
  image: `000000000000.dkr.ecr.eu-west-1.amazonaws.com/carthub-db-runner@sha256:${zeros}`,
  ...{
    onFailure: 'auto',
    onDrift: 'refuse',
    planDigest: null,
    reason: null,
    resumeAt: null,
    ...{ restore: null, backup: null },
    requestedBy: 'pipeline',
    startedAt: '2026-11-22T09:00:00Z',
  },
};

async function launched(name: string, event: object): Promise<unknown> {
  const sent: unknown[] = [];
  const kubernetes: Pick<KubernetesClient, 'call'> = {
    async call(_method, _path, body) {
      sent.push(body);
      return { status: 201, body: {} };
    },
  };
  Object.assign(process.env, SETTINGS);
  jest.resetModules();
  jest.unstable_mockModule('../../functions/edge/cluster.ts', () => ({ kubernetes: async () => kubernetes }));
  const { handler } = await import(`../../functions/${name}.ts`);
  await handler(event);
  expect(sent).toHaveLength(1);
  return sent[0];
}

test('the Job that the function LaunchJob sends to the cluster equals the manifest that people read, field by field', async () => {
  const sent = await launched('launch-job', { run, lease: { token: 1 } });
  const [manifest] = await manifests('migration-job.yaml');
  expect(Object.fromEntries(fields(sent))).toEqual(Object.fromEntries(fields(manifest)));
});

test('the Job that the function LaunchBackup sends equals its manifest too, and is the same for each command but for its name', async () => {
  const event = { run, holder: null, backup: 'night-2026-11-22', image: run.image, secret: null };
  const sent = await launched('launch-backup', { ...event, command: 'backup' });
  const [manifest] = await manifests('backup-job.yaml');
  expect(Object.fromEntries(fields(sent))).toEqual(Object.fromEntries(fields(manifest)));
  const verify = await launched('launch-backup', { ...event, command: 'verify' });
  const rest = (value: unknown) => fields(value).filter(([path]) => !/^\/metadata\/name$|\/args\//.test(path));
  expect(rest(verify)).toEqual(rest(sent));
  expect(verify).not.toEqual(sent);
});
