import { expect, test } from '@jest/globals';
import { strategicMergePatch } from '../../local/kubernetes/api/patch.ts';
import {
  type Client,
  is,
  isRunning,
  JOBS,
  type Json,
  jobOf,
  NAMESPACE,
  PODS,
  withKubernetes,
} from './with-kubernetes.ts';

const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const map = (name: string, more: Record<string, unknown> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});

test('a field that Kubernetes does not know is refused, warned of or dropped, as the client asks', async () => {
  await withKubernetes(async ({ call, image }) => {
    const body = jobOf({ name: 'typo', image: await image(''), spec: { backOffLimit: 3 }, container: { imagee: 'x' } });
    const unknown = ['spec.backOffLimit', 'spec.template.spec.containers[0].imagee'].map(
      (at) => `unknown field "${at}"`,
    );
    const post = (mode: string) => call('POST', `${JOBS}?dryRun=All&fieldValidation=${mode}`, { body });

    const strict = await post('Strict');
    expect(strict).toMatchObject({ status: 400, body: { reason: 'BadRequest' } });
    expect(strict.body.message).toBe(
      `Job in version "v1" cannot be handled as a Job: strict decoding error: ${unknown.join(', ')}`,
    );
    expect((await post('Warn')).warnings).toEqual(unknown.map((text) => `299 - ${JSON.stringify(text)}`));
    const ignored = await post('Ignore');
    expect(ignored).toMatchObject({ status: 201, warnings: [] });
    expect(ignored.body.spec.backOffLimit).toBeUndefined();
  });
});

test('a dry run answers as if, and changes nothing', async () => {
  await withKubernetes(async ({ call, job, image, podOf }) => {
    const made = await call('POST', `${JOBS}?dryRun=All`, { body: jobOf({ name: 'dry' }) });
    expect(made).toMatchObject({ status: 201, body: { metadata: { uid: expect.stringMatching(/-/) } } });
    expect((await call('GET', `${JOBS}/dry`)).status).toBe(404);

    await job({ name: 'wet', image: await image('setInterval(() => undefined, 1000)') });
    const { metadata } = await podOf('wet', isRunning);
    expect((await call('DELETE', `${JOBS}/wet?dryRun=All&propagationPolicy=Background`)).status).toBe(200);
    expect((await call('DELETE', `${PODS}/${metadata.name}`, { body: { dryRun: ['All'] } })).status).toBe(200);
    const headers = { 'content-type': 'application/merge-patch+json' };
    await call('PATCH', `${JOBS}/wet?dryRun=All`, { body: { metadata: { labels: { a: 'b' } } }, headers });

    expect((await call('GET', `${JOBS}/wet`)).body.metadata).toMatchObject({ name: 'wet' });
    expect((await call('GET', `${JOBS}/wet`)).body.metadata.labels).toBeUndefined();
    expect((await call('GET', `${PODS}/${metadata.name}`)).body.metadata.deletionTimestamp).toBeUndefined();
  });
});

test('a Job is stored with the defaults, labels and selector that the real server gives it', async () => {
  await withKubernetes(async ({ job }) => {
    const { metadata, spec } = await job({ name: 'plain', labels: { app: 'x' } });

    expect(metadata).toMatchObject({ generation: 1, labels: { app: 'x' } });
    expect(spec).toMatchObject({
      ...{ parallelism: 1, completions: 1, completionMode: 'NonIndexed', suspend: false, backoffLimit: 0 },
      podReplacementPolicy: 'TerminatingOrFailed',
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
    });
    expect(spec.template.metadata.labels).toEqual({
      ...{ app: 'x', 'job-name': 'plain', 'batch.kubernetes.io/job-name': 'plain' },
      ...{ 'controller-uid': metadata.uid, 'batch.kubernetes.io/controller-uid': metadata.uid },
    });
    expect(spec.template.spec).toMatchObject({ terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst' });
  });
});

test('selectors choose by label and field', async () => {
  await withKubernetes(async ({ call }) => {
    const labels: [string, Record<string, string>][] = [
      ['a', { tier: 'web', env: 'prod' }],
      ['b', { tier: 'web' }],
      ['c', {}],
    ];
    for (const [name, each] of labels)
      await call('POST', MAPS, { body: { ...map(name), metadata: { name, labels: each } } });
    const found = async (query: string) =>
      (await call('GET', `${MAPS}?${query}`)).body.items.map((item: Json) => item.metadata.name).join('');
    const byLabel = (selector: string) => found(`labelSelector=${encodeURIComponent(selector)}`);

    expect(await byLabel('tier=web')).toBe('ab');
    expect(await byLabel('tier==web,env=prod')).toBe('a');
    expect(await byLabel('env!=prod')).toBe('bc');
    expect(await byLabel('tier in (web, db),env')).toBe('a');
    expect(await byLabel('tier notin (web)')).toBe('c');
    expect(await byLabel('!tier')).toBe('c');
    expect(await found('fieldSelector=metadata.name=b')).toBe('b');
    expect(await found('fieldSelector=metadata.name!=b')).toBe('ac');
    const everywhere = (await call('GET', '/api/v1/configmaps?fieldSelector=metadata.namespace%3Dshop')).body.items;
    expect(everywhere).toHaveLength(3);
  });
});

test('a watch tells what comes into a selection, changes in it, and leaves it', async () => {
  await withKubernetes(async ({ call, events }) => {
    const labelled = (value: string) => ({ ...map('a'), metadata: { name: 'a', labels: { v: value } } });
    const start = (await call('GET', MAPS)).body.metadata.resourceVersion;
    await call('POST', MAPS, { body: labelled('in') });
    await call('PUT', `${MAPS}/a`, { body: { ...labelled('in'), data: { x: '1' } } });
    await call('PUT', `${MAPS}/a`, { body: labelled('out') });
    await call('PUT', `${MAPS}/a`, { body: labelled('in') });
    await call('DELETE', `${MAPS}/a`);

    const path = `${MAPS}?labelSelector=v%3Din&resourceVersion=${start}`;
    let left = 0;
    const seen = await events(path, (_, type) => type === 'DELETED' && ++left === 2);

    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED', 'ADDED', 'DELETED']);
  });
});

test('a watch from a time that nobody remembers ends with 410 Expired', async () => {
  await withKubernetes(async ({ events }) => {
    const seen = await events(`${MAPS}?resourceVersion=1`, (_, type) => type === 'ERROR');
    expect(seen.at(-1)?.object).toMatchObject({ kind: 'Status', code: 410, reason: 'Expired' });
  });
});

test('a watch ends when its time is over', async () => {
  await withKubernetes(async ({ call }) => {
    expect(await call('GET', `${MAPS}?watch=true&timeoutSeconds=1`)).toMatchObject({ status: 200, text: '' });
  });
});

test('each namespace has a ServiceAccount default, also after somebody removed it', async () => {
  await withKubernetes(async ({ call, until }) => {
    const accounts = '/api/v1/namespaces/fresh/serviceaccounts';
    await call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'fresh' } } });
    const first = await until(accounts, ({ metadata }) => metadata.name === 'default');
    await call('DELETE', `${accounts}/default`);
    await until(accounts, ({ metadata }) => metadata.name === 'default' && metadata.uid !== first.metadata.uid);
  });
});

test('a namespace takes its content along, and goes when its last pod has ended', async () => {
  await withKubernetes(async ({ call, job, image, podOf, events, until }) => {
    const slow = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200)); setInterval(() => 0, 1000)`;
    await job({ name: 'inside', image: await image(slow) });
    const pod = await podOf('inside', isRunning);

    const deleted = await call('DELETE', `/api/v1/namespaces/${NAMESPACE}`);
    expect(deleted.body.status.phase).toBe('Terminating');
    const refused = await call('POST', MAPS, { body: map('late') });
    expect(refused).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(refused.body.message).toContain('because it is being terminated');

    const from = `resourceVersion=${pod.metadata.resourceVersion}`;
    const gone = events(`/api/v1/namespaces?${from}`, (_, type) => type === 'DELETED');
    await until(`${PODS}?${from}`, (_, type) => type === 'DELETED');
    await gone;
    expect((await call('GET', JOBS)).body.items).toEqual([]);
  });
});

test('a table is answered to whoever asks for one', async () => {
  await withKubernetes(async ({ call, job, image, until }) => {
    await job({ name: 'shown', image: await image('') });
    await until(JOBS, is('Complete'));
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
    const { body } = await call('GET', JOBS, { headers: { accept } });
    expect(body.kind).toBe('Table');
    expect(body.columnDefinitions.map((each: Json) => each.name)).toEqual([
      'Name',
      'Status',
      'Completions',
      'Duration',
      'Age',
    ]);
    expect(body.rows[0].cells.slice(0, 3)).toEqual(['shown', 'Complete', '1/1']);
  });
});

test('apply makes what is missing and changes what is there', async () => {
  await withKubernetes(async ({ kubernetes, call }: Client) => {
    const role = (verbs: string[]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r', namespace: NAMESPACE },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
    });
    const at = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/roles/r`;
    kubernetes.apply([role(['get'])]);
    const first = (await call('GET', at)).body;
    kubernetes.apply([role(['get'])]);
    expect((await call('GET', at)).body).toEqual(first);
    kubernetes.apply([role(['list'])]);
    expect((await call('GET', at)).body.rules[0].verbs).toEqual(['list']);
    expect(() => kubernetes.apply([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } }])).toThrow(
      'Deployment in apps/v1',
    );
  });
});

test('a strategic merge patch merges named items, and obeys its directives', () => {
  const spec = {
    containers: [
      {
        name: 'a',
        env: [
          { name: 'X', value: '1' },
          { name: 'Y', value: '2' },
        ],
        args: ['old'],
      },
      { name: 'b' },
    ],
  };
  const patch = {
    '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }],
    containers: [
      {
        name: 'a',
        args: ['new'],
        env: [
          { name: 'X', value: '3' },
          { name: 'Y', $patch: 'delete' },
        ],
      },
      { name: 'b', $patch: 'delete' },
      { name: 'c' },
    ],
  };
  expect(strategicMergePatch({ spec }, { spec: patch })).toEqual({
    spec: { containers: [{ name: 'c' }, { name: 'a', args: ['new'], env: [{ name: 'X', value: '3' }] }] },
  });
  expect(strategicMergePatch({ a: { b: 1, c: 2 } }, { a: { $patch: 'replace', d: 3 } })).toEqual({ a: { d: 3 } });
  expect(strategicMergePatch({ a: { b: 1, c: 2 } }, { a: { $retainKeys: ['b', 'd'], d: 3 } })).toEqual({
    a: { b: 1, d: 3 },
  });
  expect(strategicMergePatch({ a: 1, b: { c: 1 } }, { a: null, b: { $patch: 'delete' } })).toEqual({});
  const finalizers = { metadata: { finalizers: ['x'] } };
  expect(strategicMergePatch(finalizers, { metadata: { finalizers: ['y'] } })).toEqual({
    metadata: { finalizers: ['x', 'y'] },
  });
  const drop = { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'] } };
  expect(strategicMergePatch(finalizers, drop)).toEqual({ metadata: { finalizers: [] } });
});
