import { expect, test } from '@jest/globals';
import { classifyJob } from '../../../lib/kubernetes/classify-job.ts';
import { eventList, job, podList } from '../../../lib/kubernetes/objects.ts';

const CREATED = '2026-01-01T00:00:00Z';
const after = (seconds: number) => new Date(Date.parse(CREATED) + seconds * 1000);
const patience = { grace: 5, budget: 600 };

const aJob = (conditions: unknown[] = [], more: object = {}) =>
  job.parse({ metadata: { name: 'j', creationTimestamp: CREATED, ...more }, spec: {}, status: { conditions } });
const isTrue = (type: string, reason = '', message = '') => ({ type, status: 'True', reason, message });
const pods = (status: unknown) => podList.parse({ items: [{ metadata: { name: 'p' }, status }] }).items;
const waiting = (reason: string) =>
  pods({ phase: 'Pending', containerStatuses: [{ name: 'c', state: { waiting: { reason, message: 'why' } } }] });
const refusedPod = eventList.parse({
  items: [{ reason: 'FailedCreate', message: 'error looking up service account', type: 'Warning' }],
}).items;
const nothing = { pods: [], events: [] };

test.each([
  ['is vanished when the API knows none', { job: null, ...nothing }, 1, 'Vanished'],
  ['is pending while it has no pod', { job: aJob(), ...nothing }, 3, 'Pending'],
  ['is stuck when no pod came within the budget', { job: aJob(), ...nothing }, 601, 'Stuck'],
  ['waits a moment on a refused pod', { job: aJob(), pods: [], events: refusedPod }, 3, 'Pending'],
  ['is stuck on a refused pod', { job: aJob(), pods: [], events: refusedPod }, 6, 'Stuck'],
  ['is stuck on a bad image name', { job: aJob(), pods: waiting('InvalidImageName'), events: [] }, 6, 'Stuck'],
  ['is stuck on a missing key', { job: aJob(), pods: waiting('CreateContainerConfigError'), events: [] }, 6, 'Stuck'],
  ['gives a pull its time', { job: aJob(), pods: waiting('ImagePullBackOff'), events: [] }, 300, 'Pending'],
  ['does not pull for ever', { job: aJob(), pods: waiting('ImagePullBackOff'), events: [] }, 601, 'Stuck'],
  [
    'is pending while its container is made',
    { job: aJob(), pods: waiting('ContainerCreating'), events: [] },
    900,
    'Pending',
  ],
  ['is running with its pod', { job: aJob(), pods: pods({ phase: 'Running' }), events: [] }, 9, 'Running'],
  ['is succeeded only when complete', { job: aJob([isTrue('Complete')]), ...nothing }, 9, 'Succeeded'],
  ['is not ended by success criteria', { job: aJob([isTrue('SuccessCriteriaMet')]), ...nothing }, 9, 'Ending'],
  [
    'is not ended by a failure target',
    { job: aJob([isTrue('FailureTarget', 'DeadlineExceeded')]), ...nothing },
    9,
    'Ending',
  ],
  [
    'is failed when the condition is true',
    { job: aJob([isTrue('Failed', 'BackoffLimitExceeded')]), ...nothing },
    9,
    'Failed',
  ],
  [
    'ignores a condition that is not true',
    { job: aJob([{ type: 'Failed', status: 'False' }]), ...nothing },
    9,
    'Pending',
  ],
  ['ignores conditions that nobody knows', { job: aJob([isTrue('Sparkling')]), ...nothing }, 9, 'Pending'],
  ['is pending while suspended', { job: aJob([isTrue('Suspended')]), ...nothing }, 9999, 'Pending'],
  ['is ending while it is deleted', { job: aJob([], { deletionTimestamp: CREATED }), ...nothing }, 9, 'Ending'],
])('a Job %s', (_promise, observed, age, state) => {
  expect(classifyJob({ ...observed, now: after(age), patience }).state).toBe(state);
});

const at = (type: string, status: string, seconds: number, reason = '') => ({
  ...{ type, status, reason, lastTransitionTime: after(seconds).toISOString() },
});
const pull = (reason: string, scheduledAt: number) => [
  ...pods({
    phase: 'Pending',
    conditions: [at('PodScheduled', 'True', scheduledAt)],
    containerStatuses: [{ name: 'c', state: { waiting: { reason } } }],
  }),
];
const lateRefusal = eventList.parse({
  items: [{ reason: 'FailedCreate', message: 'quota', firstTimestamp: after(300).toISOString() }],
}).items;
const unscheduledAt = (seconds: number) =>
  pods({ phase: 'Pending', conditions: [at('PodScheduled', 'False', seconds, 'Unschedulable')] });

test.each<[string, Parameters<typeof classifyJob>[0]['pods'], Parameters<typeof classifyJob>[0]['events'], number]>([
  ['a pull, from when a node took the pod', pull('ErrImagePull', 500), [], 500 + 600],
  ['a name that no node understands, from when one took the pod', pull('InvalidImageName', 500), [], 500 + 5],
  ['a missing node, from when the scheduler said so', unscheduledAt(100), [], 100 + 600],
  ['a pod that is refused, from the first refusal', [], lateRefusal, 300 + 5],
])('patience with %s', (_what, found, events, end) => {
  const stateAt = (seconds: number) =>
    classifyJob({ job: aJob(), pods: found, events, now: after(seconds), patience }).state;
  expect([stateAt(end - 1), stateAt(end)]).toEqual(['Pending', 'Stuck']);
});

test('a pod that cannot be scheduled is waited for within the budget, then named', () => {
  const unscheduled = pods({
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' },
    ],
  });
  const at = (age: number) => classifyJob({ job: aJob(), pods: unscheduled, events: [], now: after(age), patience });
  expect(at(599).state).toBe('Pending');
  expect(at(600)).toEqual({ state: 'Stuck', reason: 'Unschedulable', detail: '0/3 nodes are available' });
});
