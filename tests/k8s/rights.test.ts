import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { backupJob } from '../../lib/kubernetes/backup-job.ts';
import { migrationJob } from '../../lib/kubernetes/migration-job.ts';
import { everyManifest, manifests } from './manifests.ts';

const policy = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.strictObject({
    podSelector: z.strictObject({
      matchExpressions: z.tuple([
        z.strictObject({ key: z.literal('app'), operator: z.literal('In'), values: z.array(z.string()) }),
      ]),
    }),
    policyTypes: z.array(z.string()),
    ingress: z.optional(z.array(z.unknown())),
    egress: z.array(
      z.strictObject({
        to: z.array(z.record(z.string(), z.unknown())).check(z.minLength(1)),
        ports: z.array(z.strictObject({ protocol: z.string(), port: z.int() })).check(z.minLength(1)),
      }),
    ),
  }),
});

const policies = async () => (await manifests('network-policies.yaml')).map((manifest) => policy.parse(manifest));

const ACCOUNTS = ['database-migration', 'database-backup'];
const order = {
  ...{ name: 'n', run: 'r', namespace: 'n', image: 'i', serviceAccount: 's', env: {}, deadlineSeconds: 1 },
};
const apps = [migrationJob(order), backupJob({ ...order, command: 'backup' })].map(
  (job) => job.spec.template.metadata.labels.app,
);

test('every policy selects the pods of the Jobs, as the code labels them', async () => {
  for (const { spec } of await policies()) expect(spec.podSelector.matchExpressions[0].values).toEqual(apps);
});

test('the pods are shut both ways first, and nothing lets anybody in', async () => {
  const [deny, ...open] = await policies();
  expect(deny?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
  for (const { spec } of open) expect(spec).toEqual({ ...spec, policyTypes: ['Egress'], ingress: undefined });
});

test('the pods reach names, PostgreSQL, AWS and their identity, each at its address and port, and nothing else', async () => {
  const open = (await policies()).flatMap(({ metadata, spec }) => spec.egress.map((rule) => [metadata.name, rule]));
  expect(Object.fromEntries(open)).toEqual({
    'migration-to-dns': {
      to: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
        },
      ],
      ports: [
        { protocol: 'UDP', port: 53 },
        { protocol: 'TCP', port: 53 },
      ],
    },
    'migration-to-postgres': { to: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ protocol: 'TCP', port: 5432 }] },
    'migration-to-aws': { to: [{ ipBlock: { cidr: '10.0.0.0/16' } }], ports: [{ protocol: 'TCP', port: 443 }] },
    'migration-to-pod-identity': {
      to: [{ ipBlock: { cidr: '169.254.170.23/32' } }],
      ports: [{ protocol: 'TCP', port: 80 }],
    },
  });
});

test('the functions may launch, follow, read and end a Job in one namespace, and read no Secret', async () => {
  const [role, binding, ...others] = await manifests('rbac.yaml');
  expect(others).toEqual([]);
  expect(role).toMatchObject({ kind: 'Role', metadata: { name: 'carthub-db-ops', namespace: 'shopping-cart' } });
  expect(role?.rules).toEqual([
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get', 'delete'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    { apiGroups: [''], resources: ['events'], verbs: ['list'] },
    { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ACCOUNTS, verbs: ['get'] },
  ]);
  expect(binding).toMatchObject({
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'carthub-db-ops' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'carthub-db-ops' }],
  });
});

test("the group is the one of the cluster's access entry", async () => {
  const roles: unknown = parse(await readFile(join(import.meta.dirname, '../../resources/roles.yml'), 'utf8'), {
    logLevel: 'silent',
  });
  expect(roles).toMatchObject({
    Resources: { ClusterAccessEntry: { Properties: { KubernetesGroups: ['carthub-db-ops'] } } },
  });
});

test("the Jobs' accounts have no right in Kubernetes, and no token of it is mounted", async () => {
  const all = (await everyManifest()).map(({ manifest }) => manifest);
  expect(all.filter(({ kind }) => kind === 'ServiceAccount')).toEqual(
    ACCOUNTS.map((name) =>
      expect.objectContaining({ metadata: { name, namespace: 'shopping-cart' }, automountServiceAccountToken: false }),
    ),
  );
  const bindings = all.filter(({ kind }) => kind.endsWith('RoleBinding'));
  expect(JSON.stringify(bindings)).not.toMatch(/ServiceAccount|system:authenticated|system:serviceaccounts/);
});

test('the namespace refuses pods that are not restricted', async () => {
  const [namespace] = await manifests('namespace.yaml');
  expect(namespace?.metadata?.labels).toMatchObject({
    'pod-security.kubernetes.io/enforce': 'restricted',
    'pod-security.kubernetes.io/audit': 'restricted',
    'pod-security.kubernetes.io/warn': 'restricted',
  });
});

test('everything stands in one namespace, holds no Secret, and is applied but for the Jobs', async () => {
  const all = await everyManifest();
  for (const { manifest } of all) {
    if (['Namespace', 'Kustomization'].includes(manifest.kind)) continue;
    expect(manifest.metadata?.namespace).toBe('shopping-cart');
    expect(manifest.kind).not.toBe('Secret');
  }
  const [kustomization] = await manifests('kustomization.yaml');
  const files = new Set(all.map(({ file }) => file));
  expect(kustomization?.resources).toEqual(expect.arrayContaining([expect.any(String)]));
  expect(
    new Set([kustomization?.resources, 'kustomization.yaml', 'migration-job.yaml', 'backup-job.yaml'].flat()),
  ).toEqual(files);
});
