import { expect, test } from '@jest/globals';
import { JOBS, jobOf, NAMESPACE, PODS, withKubernetes } from './with-kubernetes.ts';

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
