import { expect, test } from '@jest/globals';
import { type Machine, machines } from './asl/machine.ts';
import { type Exception, taskFindings } from './asl/tasks.ts';
import { broken, done, fixture, nested, retry, task } from './fixtures.ts';
import { deployedFunctions } from './stack.ts';

const reason = 'the machine ends with the error, and whoever started it finds out what happened and settles it';

/** Tasks that may let an error through. */
const EXCEPTIONS: Exception[] = Object.entries({
  'run-job': ['LaunchJob', 'PollJob', 'ValidateSchema'],
  'cut-over': ['AdmitApplication'],
  'backup-job': ['LaunchBackup', 'PollBackup'],
}).flatMap(([machine, states]) => states.map((state) => ({ machine, state, lacks: 'Catch', reason })));

/** Our own errors that may go away by themselves: a service that is busy, a database that restarts, a sweeper at work. */
const TRANSIENT = ['ServiceUnavailableError', 'DatabaseUnreachableError', 'LeaseRecoveringError', 'LeaseBusyError'];

test('each Task has a time-out beyond that of what it calls, retries what is transient only, and catches the rest', async () => {
  const functionTimeouts = new Map([...(await deployedFunctions())].map(([name, { timeout }]) => [name, timeout]));
  expect(taskFindings(await machines(), EXCEPTIONS, { functionTimeouts, transient: TRANSIENT })).toEqual([]);
});

const findings = (all: Machine[], exceptions: Exception[] = []): string[] =>
  taskFindings(all, exceptions, { functionTimeouts: new Map([['F', 10]]), transient: ['BusyError'] });

const one = (other: Record<string, unknown>): Machine =>
  fixture('m', { A: task('F', 'B', other), B: done, Broken: broken });

const polite = { IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, MaxDelaySeconds: 9, JitterStrategy: 'FULL' };

test('has nothing to say about a Task that is as it should be', () => {
  expect(findings([one({})])).toEqual([]);
  expect(findings([one({ Retry: retry('BusyError', 'Lambda.Unknown') })])).toEqual([]);
});

test.each([
  { what: 'no time-out', other: { TimeoutSeconds: undefined }, finding: 'has no TimeoutSeconds' },
  {
    what: 'a time-out before Lambda’s',
    other: { TimeoutSeconds: 10 },
    finding: 'times out after 10 s, and F only after 10 s',
  },
  { what: 'no retry', other: { Retry: undefined }, finding: 'has no Retry' },
  {
    what: 'a retry of everything',
    other: { Retry: retry('States.ALL') },
    finding: 'retries States.ALL, which is not transient only',
  },
  {
    what: 'a retry of every failure',
    other: { Retry: retry('States.TaskFailed') },
    finding: 'retries States.TaskFailed, which is not transient only',
  },
  {
    what: 'a retry of what stays',
    other: { Retry: retry('SyntaxError') },
    finding: 'retries SyntaxError, which is not transient only',
  },
  { what: 'no catch', other: { Catch: undefined }, finding: 'has no Catch' },
  {
    what: 'a catch of some errors only',
    other: { Catch: [{ ErrorEquals: ['BusyError'], ResultPath: '$.error', Next: 'Broken' }] },
    finding: 'does not catch States.ALL, alone and last',
  },
  {
    what: 'a catch of everything before another',
    other: {
      Catch: [
        { ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Broken' },
        { ErrorEquals: ['BusyError'], ResultPath: '$.error', Next: 'Broken' },
      ],
    },
    finding: 'does not catch States.ALL, alone and last',
  },
  {
    what: 'a catch that forgets the state',
    other: { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Broken' }] },
    finding: 'catches States.ALL without a ResultPath, and so forgets the state',
  },
])('sees $what', ({ other, finding }) => {
  expect(findings([one(other)])).toEqual([`m.A: ${finding}`]);
});

test('sees a retry without bound, cap or jitter, and transport errors that are not retried', () => {
  for (const lacking of ['MaxAttempts', 'MaxDelaySeconds', 'JitterStrategy']) {
    const Retry = retry('BusyError').map((retrier) => ({ ...retrier, [lacking]: undefined }));
    expect(findings([one({ Retry })])).toHaveLength(2);
  }
  expect(findings([one({ Retry: [{ ErrorEquals: ['BusyError'], ...polite }] })])).toContain(
    'm.A: does not retry Lambda.TooManyRequestsException',
  );
});

const child = fixture('child', { A: task('F', 'B', { Catch: undefined }), B: done });
const exception: Exception = { machine: 'child', state: 'A', lacks: 'Catch', reason };
const parent = (other: Record<string, unknown> = {}) =>
  fixture('parent', { A: nested('Child', 'B', other), B: done, Broken: broken });

test('lets a Task go uncaught where it is excepted with a reason, and whoever starts its machine catches everything', () => {
  expect(findings([child, parent()], [exception])).toEqual([]);
  expect(findings([child], [exception])).toEqual([
    'child: lets errors through, and nothing that catches them starts it',
  ]);
  expect(findings([child, parent({ Catch: undefined })], [exception])).toContain(
    'parent.A: starts child, which lets errors through, and does not catch them',
  );
});

test('sees an exception that is no longer one', () => {
  expect(findings([one({})], [{ ...exception, machine: 'm' }])).toContain(
    'm.A: is excepted from Catch and does not need to be',
  );
});

test('sees a nested machine that may outlast the Task that waits for it', () => {
  expect(findings([child, parent({ TimeoutSeconds: 100 })], [exception])).toEqual([
    'parent.A: times out after 100 s, and Child only after 100 s',
  ]);
});
