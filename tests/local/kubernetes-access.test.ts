import { readFile, stat } from 'node:fs/promises';
import { connect } from 'node:tls';
import { expect, test } from '@jest/globals';
import { type Minting, mintToken } from './mint-token.ts';
import { JOBS, jobOf, NAMESPACE, PODS, withKubernetes } from './with-kubernetes.ts';

const UNAUTHORIZED = {
  ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
  ...{ message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
};
const MINUTE = 60_000;

test.each<[string, Minting]>([
  ['of a regional endpoint', {}],
  ['of the global endpoint', { host: 'sts.amazonaws.com', region: 'us-east-1' }],
  ['of a FIPS endpoint', { host: 'sts-fips.us-east-2.amazonaws.com', region: 'us-east-2' }],
  ['with temporary credentials', { accessKeyId: 'ASIATEMP' }],
  ['that is 14 minutes old, whatever its X-Amz-Expires', { at: new Date(Date.now() - 14 * MINUTE), expiresIn: 60 }],
])('a token %s is taken', async (_, minting) => {
  await withKubernetes(async ({ call }) => {
    expect((await call('GET', '/apis', { token: await mintToken(minting) })).status).toBe(200);
  });
});

test("a token for the local cloud's own STS is taken, which is what the AWS CLI makes when AWS_ENDPOINT_URL is set", async () => {
  const minting = { host: '127.0.0.1:4566', tamper: (url: string) => url.replace('https:', 'http:') };
  await withKubernetes(
    async ({ call }) => {
      expect((await call('GET', '/apis', { token: await mintToken(minting) })).status).toBe(200);
      const other = { ...minting, host: '127.0.0.1:4567' };
      expect((await call('GET', '/apis', { token: await mintToken(other) })).status).toBe(401);
    },
    { endpoint: () => 'http://127.0.0.1:4566' },
  );
});

const replace = (from: string | RegExp, to: string) => ({ tamper: (url: string) => url.replace(from, to) });

test.each<[string, Minting, string]>([
  ['over another cluster', { cluster: 'other' }, 'does not match'],
  ['without the cluster', { header: null }, 'did not sign the x-k8s-aws-id header'],
  ['with a wrong secret', { secretAccessKey: 'wrong' }, 'does not match'],
  ['of nobody', { accessKeyId: 'AKIAUNKNOWN' }, 'no such access key'],
  ['without an access entry', { accessKeyId: 'AKIANOBODY' }, 'has no access entry'],
  ['that is older than 15 minutes', { at: new Date(Date.now() - 16 * MINUTE) }, 'is expired'],
  ['from the future', { at: new Date(Date.now() + 10 * MINUTE) }, 'not yet current'],
  ['good for more than 15 minutes', { expiresIn: 901 }, 'invalid X-Amz-Expires'],
  ['to another host', { host: 'sts.example.com' }, 'unexpected hostname'],
  ['to a host with a port', replace('amazonaws.com/', 'amazonaws.com:443/'), 'unexpected hostname'],
  ['over http', replace('https:', 'http:'), 'unexpected scheme'],
  ['to another path', { path: '/other' }, 'unexpected path'],
  ['for another action', { query: { Action: 'AssumeRole' } }, 'unexpected action'],
  ['with another parameter', { query: { 'x-id': 'GetCallerIdentity' } }, 'non-whitelisted query parameter "x-id"'],
  ['with a parameter twice', replace(/$/, '&action=GetCallerIdentity'), 'multiple values'],
  ['with a changed signature', replace(/Signature=./, 'Signature=g'), 'does not match'],
  ['of another region than its host', { host: 'sts.us-east-2.amazonaws.com' }, 'credential scope'],
  ['that is too long', replace(/$/, `&x=${'y'.repeat(4096)}`), 'too large'],
])('a token %s is refused, without a word why to the client', async (_, minting, reason) => {
  await withKubernetes(async ({ call, said }) => {
    const answer = await call('GET', '/apis', { token: await mintToken(minting) });

    expect(answer).toMatchObject({ status: 401, body: UNAUTHORIZED });
    expect(said.join('\n')).toContain(reason);
  });
});

test.each([
  ['none', null],
  ['another', 'sha256~abc'],
  ['padding', 'k8s-aws-v1.YQ=='],
  ['no URL', `k8s-aws-v1.${Buffer.from('hello').toString('base64url')}`],
])('with %s for a token nobody gets in', async (_, token) => {
  await withKubernetes(async ({ call }) => {
    expect(await call('GET', '/apis', { token })).toMatchObject({ status: 401, body: UNAUTHORIZED });
    expect((await call('GET', '/version', { token })).status).toBe(200);
  });
});

const rules = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'get'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  { apiGroups: [''], resources: ['serviceaccounts'], resourceNames: ['default'], verbs: ['get'] },
];
const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'ops', namespace: NAMESPACE } };
const role = { ...rbac, kind: 'Role', rules };
const bind = (subject: { kind: string; name: string }) => ({
  ...rbac,
  kind: 'RoleBinding',
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'ops' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', ...subject }],
});

test.each([
  ['its group', { kind: 'Group', name: 'carthub-db-ops' }],
  ['its own name', { kind: 'User', name: 'arn:aws:iam::000000000000:user/ops' }],
])('an identity may do what a Role gives to %s, and nothing else', async (_, subject) => {
  await withKubernetes(async ({ kubernetes, call }) => {
    kubernetes.apply([role, bind(subject)]);
    const token = await mintToken();
    const ask = (method: string, path: string, body?: unknown) => call(method, path, { token, body });
    const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;

    expect((await ask('POST', `${JOBS}?dryRun=All`, jobOf({ name: 'a' }))).status).toBe(201);
    expect((await ask('GET', `${JOBS}/a`)).status).toBe(404);
    expect((await ask('GET', `${accounts}/default`)).status).toBe(200);
    const refused: [string, string, string][] = [
      [
        'DELETE',
        `${JOBS}/a`,
        'jobs.batch "a" is forbidden: User "$" cannot delete resource "jobs" in API group "batch" in the namespace "shop"',
      ],
      [
        'GET',
        JOBS,
        'jobs.batch is forbidden: User "$" cannot list resource "jobs" in API group "batch" in the namespace "shop"',
      ],
      [
        'GET',
        `${JOBS}?watch=1`,
        'jobs.batch is forbidden: User "$" cannot watch resource "jobs" in API group "batch" in the namespace "shop"',
      ],
      [
        'GET',
        `${PODS}/x`,
        'pods "x" is forbidden: User "$" cannot get resource "pods" in API group "" in the namespace "shop"',
      ],
      [
        'GET',
        `${accounts}/other`,
        'serviceaccounts "other" is forbidden: User "$" cannot get resource "serviceaccounts" in API group "" in the namespace "shop"',
      ],
      [
        'GET',
        '/apis/batch/v1/jobs',
        'jobs.batch is forbidden: User "$" cannot list resource "jobs" in API group "batch" at the cluster scope',
      ],
      [
        'GET',
        '/apis/batch/v1/namespaces/default/jobs/a',
        'jobs.batch "a" is forbidden: User "$" cannot get resource "jobs" in API group "batch" in the namespace "default"',
      ],
      ['GET', '/metrics', 'forbidden: User "$" cannot get path "/metrics"'],
    ];
    for (const [method, path, message] of refused) {
      expect(await ask(method, path)).toMatchObject({
        status: 403,
        body: { reason: 'Forbidden', message: message.replace('$', 'arn:aws:iam::000000000000:user/ops') },
      });
    }
  });
});

test('rights are taken away with the binding', async () => {
  await withKubernetes(async ({ kubernetes, call }) => {
    kubernetes.apply([role, bind({ kind: 'Group', name: 'carthub-db-ops' })]);
    const token = await mintToken();
    expect((await call('GET', `${JOBS}/a`, { token })).status).toBe(404);

    await call('DELETE', `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings/ops`);

    expect((await call('GET', `${JOBS}/a`, { token })).status).toBe(403);
  });
});

test('the kubeconfig is for its owner only, and names the authority', async () => {
  await withKubernetes(async ({ kubernetes, folder }) => {
    const file = kubernetes.kubeconfig();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { clusters } = JSON.parse(await readFile(file, 'utf8'));
    expect(clusters[0].cluster).toEqual({ server: kubernetes.url, 'certificate-authority': `${folder}/tls/ca.crt` });
  });
});

test('nothing is said without TLS that a client can verify', async () => {
  await withKubernetes(async ({ kubernetes }) => {
    const { port } = new URL(kubernetes.url);
    const error = await new Promise((resolve) => {
      connect({ host: '127.0.0.1', port: Number(port) }).once('error', resolve);
    });
    expect(String(error)).toContain('unable to verify the first certificate');
  });
});
