import { expect, test } from '@jest/globals';
import { RUN_ANNOTATION } from '../../lib/kubernetes/launch-job.ts';
import { migrationJob } from '../../lib/kubernetes/migration-job.ts';
import { jobName } from '../../lib/runs/keys.ts';
import { fields, manifests } from './manifests.ts';

const run = 'carthub-20261122-0900';
const zeros = '0'.repeat(64);

const job = migrationJob({
  name: jobName('carthub', run),
  run,
  namespace: 'shopping-cart',
  image: `000000000000.dkr.ecr.eu-west-1.amazonaws.com/carthub-db-runner@sha256:${zeros}`,
  serviceAccount: 'database-migration',
  env: {
    RUN_ID: run,
    TOKEN: '1',
    DATABASE: 'carthub',
    BUCKET: 'carthub-db-carthub-000000000000-eu-west-1',
    RELEASE: `releases/${zeros}.json`,
    DB_SECRET_ARN: 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:carthub-db/master-AbCdEf',
    DEADLINE_SECONDS: '86400',
    AWS_REGION: 'eu-west-1',
  },
  deadlineSeconds: 86_700,
});

test('the Job that the code creates equals the manifest that people read, field by field', async () => {
  const [manifest, ...others] = await manifests('migration-job.yaml');
  expect(others).toEqual([]);
  expect(Object.fromEntries(fields(job))).toEqual(Object.fromEntries(fields(manifest)));
});

test('whatever is asked for ends up in the Job, and nothing else differs', () => {
  const other = migrationJob({
    name: 'migrate-other',
    run: 'other',
    namespace: 'elsewhere',
    image: 'repository@sha256:1',
    serviceAccount: 'somebody',
    env: { ONE: '1' },
    deadlineSeconds: 60,
  });
  expect(other.metadata).toMatchObject({ name: 'migrate-other', namespace: 'elsewhere' });
  expect(other.metadata.annotations[RUN_ANNOTATION]).toBe('other');
  expect(other.spec.template.metadata.annotations[RUN_ANNOTATION]).toBe('other');
  expect(other.spec.activeDeadlineSeconds).toBe(60);
  expect(other.spec.template.spec.serviceAccountName).toBe('somebody');
  expect(other.spec.template.spec.containers[0]).toMatchObject({
    image: 'repository@sha256:1',
    env: [
      { name: 'ONE', value: '1' },
      { name: 'VERDICT_PATH', value: '/dev/termination-log' },
    ],
  });
  const asked =
    /^\/metadata\/(name|namespace|annotations)|activeDeadlineSeconds|annotations\/carthub-db|serviceAccountName|\/image$|\/env\//;
  const rest = (value: unknown) => fields(value).filter(([path]) => !asked.test(path));
  expect(rest(other)).toEqual(rest(job));
});

test('what Kubernetes wants as text is text, and a run of the longest name still gives a Job name that labels take', () => {
  for (const { value } of job.spec.template.spec.containers[0].env) expect(typeof value).toBe('string');
  const labels = [job.metadata.labels, job.spec.template.metadata.labels].flatMap((of) => Object.values(of));
  for (const label of labels) expect(label).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
  expect(jobName('y'.repeat(60), 'x'.repeat(80))).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
});

test('the pod meets the restricted Pod Security Standard, without which its namespace refuses it', () => {
  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  const { spec } = job.spec.template;
  expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
  expect(spec.securityContext.runAsUser).toBeGreaterThan(0);
  for (const container of spec.containers) {
    expect(container.securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  }
  expect(spec.volumes.map((volume) => Object.keys(volume).sort())).toEqual([['emptyDir', 'name']]);
});
