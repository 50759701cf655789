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

test('an object is created, read, listed, replaced and removed', async () => {
  await withKubernetes(async ({ call }) => {
    const made = await call('POST', MAPS, { body: map('a', { data: { x: '1' } }) });
    expect(made).toMatchObject({ status: 201, body: { kind: 'ConfigMap', apiVersion: 'v1', data: { x: '1' } } });
    const { uid, resourceVersion, creationTimestamp } = made.body.metadata;
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    expect((await call('GET', `${MAPS}/a`)).body).toEqual(made.body);
    const list = await call('GET', MAPS);
    expect(list.body).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    // As the real server has it: what a list is of, its items do not repeat.
    expect(list.body.items).toEqual([{ data: { x: '1' }, metadata: made.body.metadata }]);

    const next = map('a', { data: { y: '2' } });
    const replaced = await call('PUT', `${MAPS}/a`, { body: next });
    expect(replaced.body).toMatchObject({ metadata: { uid, creationTimestamp }, data: { y: '2' } });
    expect(Number(replaced.body.metadata.resourceVersion)).toBeGreaterThan(Number(resourceVersion));
    expect((await call('DELETE', `${MAPS}/a`)).body).toMatchObject({ status: 'Success', details: { uid } });
    expect((await call('GET', `${MAPS}/a`)).status).toBe(404);
  });
});

const refusals: [string, string, string, unknown, number, string, string][] = [
  ['a missing object', 'GET', `${JOBS}/none`, undefined, 404, 'NotFound', 'jobs.batch "none" not found'],
  ['a missing core object', 'GET', `${PODS}/none`, undefined, 404, 'NotFound', 'pods "none" not found'],
  ['a second create', 'POST', MAPS, map('there'), 409, 'AlreadyExists', 'configmaps "there" already exists'],
  [
    'an update of an old version',
    'PUT',
    `${MAPS}/there`,
    { ...map('there'), metadata: { name: 'there', resourceVersion: '1' } },
    409,
    'Conflict',
    'Operation cannot be fulfilled on configmaps "there": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    'a namespace that is not there',
    'POST',
    '/api/v1/namespaces/nowhere/configmaps',
    map('a'),
    404,
    'NotFound',
    'namespaces "nowhere" not found',
  ],
  [
    'another namespace in the object',
    'POST',
    MAPS,
    { ...map('a'), metadata: { name: 'a', namespace: 'other' } },
    400,
    'BadRequest',
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  ['no JSON', 'POST', MAPS, '{', 400, 'BadRequest', 'json parse error'],
  ['another kind', 'POST', JOBS, map('a'), 400, 'BadRequest', 'cannot be handled as a Job'],
  [
    'a wrong type',
    'POST',
    JOBS,
    jobOf({ name: 'a', spec: { backoffLimit: 'none' } }),
    400,
    'BadRequest',
    'Job in version "v1" cannot be handled as a Job: json: cannot unmarshal value into Go struct field Job.spec.backoffLimit',
  ],
  [
    'a bad name',
    'POST',
    JOBS,
    jobOf({ name: 'Bad_Name' }),
    422,
    'Invalid',
    'Job.batch "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of',
  ],
  ['a name too long for a label', 'POST', JOBS, jobOf({ name: 'a'.repeat(64) }), 422, 'Invalid', 'no more than 63'],
  [
    'no restart policy',
    'POST',
    JOBS,
    jobOf({ name: 'a', pod: { restartPolicy: null } }),
    422,
    'Invalid',
    'Job.batch "a" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
  ],
  [
    'no container',
    'POST',
    JOBS,
    jobOf({ name: 'a', pod: { containers: [] } }),
    422,
    'Invalid',
    'spec.template.spec.containers: Required value',
  ],
  [
    'a mount without its volume',
    'POST',
    JOBS,
    jobOf({ name: 'a', container: { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] } }),
    422,
    'Invalid',
    'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "tmp"',
  ],
  [
    'an unknown resource',
    'GET',
    '/apis/apps/v1/namespaces/shop/deployments',
    undefined,
    404,
    'NotFound',
    'deployments.apps',
  ],
  ['an unknown path', 'GET', '/metrics', undefined, 404, 'NotFound', '/metrics'],
  ['a verb it has not', 'POST', PODS, { kind: 'Pod' }, 405, 'MethodNotAllowed', 'create of pods'],
  ['a subresource it has not', 'POST', `${PODS}/x/exec`, undefined, 405, 'MethodNotAllowed', 'POST of pods/exec'],
  ['a collection to delete', 'DELETE', JOBS, undefined, 405, 'MethodNotAllowed', 'deletecollection of jobs'],
  [
    'a bad label selector',
    'GET',
    `${PODS}?labelSelector=a%20b`,
    undefined,
    400,
    'BadRequest',
    'unable to parse requirement',
  ],
  [
    'an unknown field selector',
    'GET',
    `${PODS}?fieldSelector=spec.image=x`,
    undefined,
    400,
    'BadRequest',
    'field label not supported: spec.image',
  ],
  ['a lasting namespace', 'DELETE', '/api/v1/namespaces/default', undefined, 403, 'Forbidden', 'may not be deleted'],
  ['a bad dryRun', 'POST', `${MAPS}?dryRun=Some`, map('a'), 400, 'BadRequest', 'dryRun: Unsupported value: "Some"'],
];

test.each(refusals)(
  '%s is refused as Kubernetes refuses it',
  async (_, method, path, body, status, reason, message) => {
    await withKubernetes(async ({ call }) => {
      await call('POST', MAPS, { body: map('there') });

      const answer = await call(method, path, { body });

      expect(answer).toMatchObject({ status, body: { kind: 'Status', status: 'Failure', reason, code: status } });
      expect(answer.body.message).toContain(message);
    });
  },
);

test.each([
  ['parallelism', { spec: { parallelism: 2 } }, 'spec.parallelism 2'],
  ['an OnFailure pod', { pod: { restartPolicy: 'OnFailure' } }, 'spec.template.spec.restartPolicy OnFailure'],
  ['init containers', { pod: { initContainers: [{ name: 'a', image: 'a' }] } }, 'spec.template.spec.initContainers'],
  [
    'a Secret as a volume',
    { pod: { volumes: [{ name: 'a', secret: { secretName: 'b' } }] } },
    'volumes of kind secret',
  ],
  ['a probe', { container: { livenessProbe: { exec: { command: ['a'] } } } }, 'containers.livenessProbe'],
  [
    'a resource as a variable',
    { container: { env: [{ name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }] } },
    'env.valueFrom.resourceFieldRef',
  ],
])('%s is refused by name, not left out in silence', async (_, options, message) => {
  await withKubernetes(async ({ call }) => {
    const answer = await call('POST', JOBS, { body: jobOf({ name: 'a', ...options }) });
    expect(answer).toMatchObject({ status: 501, body: { reason: 'NotImplemented' } });
    expect(answer.body.message).toContain(message);
  });
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
