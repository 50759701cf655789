import { expect, test } from '@jest/globals';
import {
  EVENTS,
  is,
  isOver,
  isRunning,
  JOBS,
  type Json,
  jobOf,
  NAMESPACE,
  PODS,
  withKubernetes,
} from './with-kubernetes.ts';

const conditionsOf = (job: Json): string[] =>
  job.status.conditions?.map((each: Json) => `${each.type}=${each.status}`) ?? [];
const FOREVER = 'setInterval(() => undefined, 1000);';

test('a Job whose program ends well is Complete, and was SuccessCriteriaMet first', async () => {
  await withKubernetes(async ({ image, job, events }) => {
    await job({ name: 'good', image: await image('console.log("done")') });

    const seen = await events(`${JOBS}?fieldSelector=metadata.name=good`, is('Complete'));

    const last = seen.at(-1)?.object;
    expect(seen.some(({ object }) => conditionsOf(object).join() === 'SuccessCriteriaMet=True')).toBe(true);
    expect(conditionsOf(last)).toEqual(['SuccessCriteriaMet=True', 'Complete=True']);
    expect(last.status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0 });
    expect(last.status.active).toBeUndefined();
    expect(last.status.failed).toBeUndefined();
    expect(Date.parse(last.status.completionTime)).toBeGreaterThanOrEqual(Date.parse(last.status.startTime));
  });
});

test('a Job whose program fails is FailureTarget, then Failed with BackoffLimitExceeded, and its pod stays', async () => {
  await withKubernetes(async ({ image, job, events, call, podOf }) => {
    await job({ name: 'bad', image: await image('process.exit(3)') });

    const seen = await events(`${JOBS}?fieldSelector=metadata.name=bad`, is('Failed'));

    expect(seen.some(({ object }) => conditionsOf(object).join() === 'FailureTarget=True')).toBe(true);
    const [, failed] = seen.at(-1)?.object.status.conditions ?? [];
    expect(failed).toMatchObject({
      type: 'Failed',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    });
    const pod = await podOf('bad');
    expect(pod.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(pod.metadata.finalizers).toBeUndefined();
    const { body } = await call('GET', `${EVENTS}?fieldSelector=involvedObject.name=bad,involvedObject.kind=Job`);
    expect(body.items.map((event: Json) => event.reason)).toEqual(
      expect.arrayContaining(['SuccessfulCreate', 'BackoffLimitExceeded']),
    );
  });
});

test('backoffLimit 1 replaces a failed pod once', async () => {
  await withKubernetes(async ({ image, job, until, call }) => {
    await job({ name: 'twice', image: await image('process.exit(1)'), spec: { backoffLimit: 1 } });

    const failed = await until(JOBS, is('Failed'));

    expect(failed.status.failed).toBe(2);
    const pods = await call('GET', `${PODS}?labelSelector=batch.kubernetes.io/job-name=twice`);
    expect(pods.body.items.map((pod: Json) => pod.status.phase)).toEqual(['Failed', 'Failed']);
  });
});

test('a Job past its deadline ends and deletes its pod before it is Failed with DeadlineExceeded', async () => {
  await withKubernetes(async ({ image, job, until, call, podOf }) => {
    await job({ name: 'slow', image: await image(FOREVER), spec: { activeDeadlineSeconds: 2 } });
    const { metadata } = await podOf('slow', isRunning);
    const pid = Number(metadata.annotations['carthub-db.local/pid']);
    expect(() => process.kill(pid, 0)).not.toThrow();

    const failed = await until(JOBS, is('Failed'));

    expect(failed.status.conditions.at(-1)).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Job was active longer than specified deadline',
    });
    expect(failed.status.failed).toBe(1);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect((await call('GET', PODS)).body.items).toEqual([]);
  });
});

test('a Job is FailureTarget, not Failed, while a pod past the deadline still ends', async () => {
  await withKubernetes(async ({ image, job, events, podOf }) => {
    const stubborn = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300)); ${FOREVER}`;
    await job({ name: 'slow', image: await image(stubborn), spec: { activeDeadlineSeconds: 1 } });
    await podOf('slow', isRunning);

    const seen = await events(JOBS, is('Failed'));

    const ending = seen.find(({ object }) => object.status.terminating === 1);
    expect(conditionsOf(ending?.object)).toEqual(['FailureTarget=True']);
  });
});

test('a Job that was never given a pod fails at its deadline too', async () => {
  await withKubernetes(async ({ job, until }) => {
    await job({ name: 'none', pod: { serviceAccountName: 'missing' }, spec: { activeDeadlineSeconds: 1 } });

    const failed = await until(JOBS, is('Failed'));

    expect(failed.status.conditions.at(-1).reason).toBe('DeadlineExceeded');
  });
});

test('without its ServiceAccount a Job has no pod but an event that says so, and heals when the account comes', async () => {
  await withKubernetes(async ({ image, job, until, call }) => {
    await job({ name: 'early', image: await image(''), pod: { serviceAccountName: 'runner' } });

    const event = await until(EVENTS, ({ reason }) => reason === 'FailedCreate');
    expect(event.message).toBe(
      `Error creating: pods "early-" is forbidden: error looking up service account ${NAMESPACE}/runner: serviceaccount "runner" not found`,
    );
    expect(event).toMatchObject({ type: 'Warning', involvedObject: { kind: 'Job', name: 'early' } });
    expect((await call('GET', PODS)).body.items).toEqual([]);

    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'runner' } };
    await call('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, { body: account });
    await until(JOBS, is('Complete'));
  });
});

test('Pod Security refuses the pod, not the Job, and warns of it when the Job is made', async () => {
  await withKubernetes(async ({ kubernetes, image, call, until }) => {
    const level = 'pod-security.kubernetes.io';
    const labels = { [`${level}/enforce`]: 'restricted', [`${level}/warn`]: 'restricted' };
    kubernetes.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }]);

    const made = await call('POST', JOBS, { body: jobOf({ name: 'loose', image: await image('') }) });

    expect(made.status).toBe(201);
    const violations =
      'allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
    expect(made.warnings).toEqual([
      `299 - ${JSON.stringify(`would violate PodSecurity "restricted:latest": ${violations}`)}`,
    ]);
    const event = await until(EVENTS, ({ reason }) => reason === 'FailedCreate');
    expect(event.message).toContain(`is forbidden: violates PodSecurity "restricted:latest": ${violations}`);
  });
});

test('a suspended Job has no pod; resumed, it starts; suspended again, its pod ends', async () => {
  await withKubernetes(async ({ image, job, until, call, podOf }) => {
    await job({ name: 'pause', image: await image(FOREVER), spec: { suspend: true, backoffLimit: 6 } });
    const suspended = await until(JOBS, is('Suspended'));
    expect(suspended.status.startTime).toBeUndefined();
    expect((await call('GET', PODS)).body.items).toEqual([]);

    const headers = { 'content-type': 'application/merge-patch+json' };
    await call('PATCH', `${JOBS}/pause`, { body: { spec: { suspend: false } }, headers });
    const { metadata } = await podOf('pause', isRunning);
    expect((await call('GET', `${JOBS}/pause`)).body.status.startTime).toEqual(expect.any(String));

    await call('PATCH', `${JOBS}/pause`, { body: { spec: { suspend: true } }, headers });
    await until(`${PODS}?fieldSelector=metadata.name=${metadata.name}`, (_, type) => type === 'DELETED');
    await until(JOBS, is('Suspended'));
  });
});

test('a finished Job goes with its pods when its time to live is over', async () => {
  await withKubernetes(async ({ image, job, until, call }) => {
    await job({ name: 'short', image: await image(''), spec: { ttlSecondsAfterFinished: 0 } });

    await until(JOBS, (_, type) => type === 'DELETED');

    expect((await call('GET', PODS)).body.items).toEqual([]);
  });
});

test('deleted in the background a Job is gone at once, and its pod after its grace period', async () => {
  await withKubernetes(async ({ image, job, until, call, podOf }) => {
    await job({ name: 'gone', image: await image(FOREVER) });
    const pod = await podOf('gone', isRunning);

    const deleted = await call('DELETE', `${JOBS}/gone?propagationPolicy=Background`);

    expect(deleted).toMatchObject({
      status: 200,
      body: { kind: 'Status', status: 'Success', details: { name: 'gone', group: 'batch', kind: 'jobs' } },
    });
    expect((await call('GET', `${JOBS}/gone`)).status).toBe(404);
    const last = await until(
      `${PODS}?resourceVersion=${pod.metadata.resourceVersion}`,
      (_, type) => type === 'DELETED',
    );
    expect(last.status.containerStatuses[0].state.terminated).toMatchObject({ exitCode: 143, reason: 'Error' });
  });
});

test('deleted in the foreground a Job shows its deletion until its pod has ended', async () => {
  await withKubernetes(async ({ image, job, events, until, call, podOf }) => {
    const slow = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200)); ${FOREVER}`;
    await job({ name: 'gone', image: await image(slow) });
    const { metadata } = await podOf('gone', isRunning);

    const deleted = await call('DELETE', `${JOBS}/gone`, { body: { propagationPolicy: 'Foreground' } });

    expect(deleted).toMatchObject({
      status: 200,
      body: { metadata: { deletionTimestamp: expect.any(String), finalizers: ['foregroundDeletion'] } },
    });
    const ended = until(`${PODS}?fieldSelector=metadata.name=${metadata.name}`, (_, type) => type === 'DELETED');
    const seen = await events(`${JOBS}?resourceVersion=${metadata.resourceVersion}`, (_, type) => type === 'DELETED');
    await ended;
    expect(seen.some(({ object }) => object.status.active === 1)).toBe(true);
    expect((await call('GET', PODS)).body.items).toEqual([]);
  });
});

test('a deletion in the foreground can be made one in the background', async () => {
  await withKubernetes(async ({ image, job, call, podOf }) => {
    await job({ name: 'gone', image: await image(`process.on('SIGTERM', () => 0); ${FOREVER}`) });
    const { metadata } = await podOf('gone', isRunning);
    await call('DELETE', `${JOBS}/gone?propagationPolicy=Foreground`);

    await call('DELETE', `${JOBS}/gone?propagationPolicy=Background`);

    expect((await call('GET', `${JOBS}/gone`)).status).toBe(404);
    await call('DELETE', `${PODS}/${metadata.name}?gracePeriodSeconds=0`);
  });
});

test('deleted without a policy a Job leaves its pod behind, running, and the server warns of it', async () => {
  await withKubernetes(async ({ image, job, until, call, podOf }) => {
    await job({ name: 'gone', image: await image(FOREVER) });
    const { metadata } = await podOf('gone', isRunning);

    const deleted = await call('DELETE', `${JOBS}/gone`);

    expect(deleted.warnings.join()).toContain('child pods are preserved by default when jobs are deleted');
    const orphan = await podOf('gone', (pod) => pod.metadata.ownerReferences === undefined);
    expect((await call('GET', `${JOBS}/gone`)).status).toBe(404);
    expect(orphan).toMatchObject({ metadata: { uid: metadata.uid }, status: { phase: 'Running' } });
    const free = await podOf('gone', (pod) => pod.metadata.finalizers === undefined);
    process.kill(Number(free.metadata.annotations['carthub-db.local/pid']), 'SIGTERM');
    await until(PODS, isOver);
  });
});

test('a pod that somebody deletes counts as failed while it still ends', async () => {
  await withKubernetes(async ({ image, job, events, call, podOf }) => {
    const slow = `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200)); ${FOREVER}`;
    await job({ name: 'hit', image: await image(slow) });
    const { metadata } = await podOf('hit', isRunning);

    await call('DELETE', `${PODS}/${metadata.name}`);

    const seen = await events(`${JOBS}?resourceVersion=${metadata.resourceVersion}`, is('Failed'));
    expect(seen.some(({ object }) => object.status.failed === 1 && object.status.terminating === 1)).toBe(true);
  });
});

test('what a Job cannot change is refused, what it can is changed', async () => {
  await withKubernetes(async ({ image, job, call }) => {
    await job({ name: 'fixed', image: await image(FOREVER) });
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };

    const template = { spec: { containers: [{ name: 'main', args: ['other'] }] } };
    const refused = await call('PATCH', `${JOBS}/fixed`, { body: { spec: { template } }, headers });
    expect(refused.status).toBe(422);
    expect(refused.body).toMatchObject({
      reason: 'Invalid',
      message: expect.stringMatching(
        /^Job\.batch "fixed" is invalid: spec\.template: Invalid value: core\.PodTemplateSpec.*: field is immutable$/,
      ),
    });

    const body = { metadata: { labels: { a: 'b' } }, spec: { activeDeadlineSeconds: 600 } };
    const changed = await call('PATCH', `${JOBS}/fixed`, { body, headers });
    expect(changed).toMatchObject({ status: 200, body: { metadata: { generation: 2, labels: { a: 'b' } } } });
    expect(changed.body.spec.template.spec.containers).toHaveLength(1);
  });
});
