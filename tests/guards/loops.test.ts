import { expect, test } from '@jest/globals';
import { literalNames } from './asl/errors.ts';
import { type Bound, loopFindings } from './asl/loops.ts';
import { called, type Machine, machines, tasksOf } from './asl/machine.ts';
import { bundles } from './bundles.ts';
import { broken, done, fixture, nested, retry, task } from './fixtures.ts';

/** What ends each loop of the workflows. */
const BOUNDS: Bound[] = [
  { machine: 'migrate', task: 'DescribeSnapshot', error: 'SnapshotTimeoutError' },
  { machine: 'run-job', task: 'PollJob', error: 'JobOverdueError' },
  { machine: 'settle', task: 'DeleteJob', answer: '$.deletion.done' },
  { machine: 'backup-job', task: 'PollBackup', error: 'JobOverdueError' },
  { machine: 'backup', task: 'EndBackup', answer: '$.ending.done' },
  { machine: 'sweep', task: 'EndBackup', answer: '$.ending.done' },
  ...['CheckRestorable', 'RestoreBeside', 'ApplySettings', 'HydrateCopy', 'FindWritesBefore', 'Unfreeze'].map(
    (task) => {
      return { machine: 'put-back', task, error: 'RestoreOverdueError' };
    },
  ),
  // While the application is stopped.
  ...['FreezeAtOnce', 'StillFrozen', 'Freeze', 'FindWritesAfter', 'JudgeLoss', 'ReplayWrites'].map((task) => {
    return { machine: 'put-back', task, error: 'FreezeExpiredError' };
  }),
  ...['CutOver', 'CutBack', 'AdmitApplication', 'RetireInstance'].map((task) => {
    return { machine: 'cut-over', task, error: 'RestoreOverdueError' };
  }),
  { machine: 'sweep', task: 'Unfreeze', error: 'RestoreOverdueError' },
  ...['MakeDrill', 'RemoveDrill'].map((task) => ({ machine: 'drill', task, error: 'DrillOverdueError' })),
];

test('no workflow goes round for ever: each loop waits, and has a Task that ends it', async () => {
  const built = await bundles();
  const all = await machines();
  expect(loopFindings(all, BOUNDS)).toEqual([]);
  for (const { machine, name, at } of tasksOf(all)) {
    const bound = BOUNDS.find((one) => one.machine === machine.name && one.task === name);
    if (bound && 'error' in bound) expect(literalNames(built.get(called(at).name) ?? '')).toContain(bound.error);
  }
});

const wait = { Type: 'Wait', Seconds: 1, Next: 'Look' };
const ask = (Next: string) => ({
  Type: 'Choice',
  Choices: [{ Variable: '$.look.done', BooleanEquals: true, Next }],
  Default: 'Wait',
});
const look = (other: Record<string, unknown> = {}) =>
  task('F', 'Ask', { ResultPath: '$.look', Parameters: { 'look.$': '$.look' }, ...other });
const loop = (states: Record<string, Record<string, unknown>> = {}): Machine =>
  fixture('m', { Wait: wait, Look: look(), Ask: ask('Done'), Done: done, Broken: broken, ...states });
const bound: Bound = { machine: 'm', task: 'Look', error: 'LateError' };

test('has nothing to say about a loop that waits and is ended, by an error or by an answer', () => {
  expect(loopFindings([loop()], [bound])).toEqual([]);
  expect(loopFindings([loop()], [{ machine: 'm', task: 'Look', answer: '$.look.done' }])).toEqual([]);
});

test('sees a loop that nothing ends, also when another one beside it is ended', () => {
  expect(loopFindings([loop()], [])).toEqual(['m: nothing ends Ask, Look, Wait']);
  const second = { ...ask('Again'), Choices: [{ Variable: '$.look.done', BooleanEquals: true, Next: 'Again' }] };
  const both = loop({ Ask: second, Again: { Type: 'Wait', Seconds: 1, Next: 'Ask' } });
  expect(loopFindings([both], [bound])).toEqual(['m: nothing ends Again, Ask']);
});

test('sees a loop that does not wait, also one of a single state', () => {
  expect(loopFindings([loop({ Wait: { Type: 'Pass', Next: 'Look' } })], [bound])).toEqual([
    'm: Ask, Look, Wait goes round without a Wait',
  ]);
  const self = loop({ Look: look({ Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Look' }] }) });
  expect(loopFindings([self], [bound])).toContain('m: Look goes round without a Wait');
});

test.each([
  {
    what: 'retries the error that should end the loop',
    other: { Retry: retry('LateError') },
    finding: 'm: Look retries LateError, which should end the loop',
  },
  {
    what: 'catches it and goes on in the loop',
    other: { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Wait' }] },
    finding: 'm: Look catches LateError and goes on to Wait, in the same loop',
  },
  {
    what: 'is not told how long it has gone on',
    other: { Parameters: { 'run.$': '$.run' } },
    finding: 'm: Look is not told its last answer, and cannot know how long it has gone on',
  },
])('sees a Task that $what', ({ other, finding }) => {
  expect(loopFindings([loop({ Look: look(other) })], [bound])).toEqual([finding]);
});

test('sees an answer on which no Choice leaves', () => {
  expect(loopFindings([loop()], [{ machine: 'm', task: 'Look', answer: '$.look.late' }])).toEqual([
    'm: Look answers $.look.late, on which no Choice leaves the loop',
  ]);
});

test('sees a bound of a loop that is no more', () => {
  expect(loopFindings([loop()], [bound, { machine: 'm', task: 'Gone', error: 'LateError' }])).toEqual([
    'm: Gone is said to end a loop and lies on none',
  ]);
});

test('sees machines that start each other', () => {
  const one = fixture('one', { A: nested('Two', 'B'), B: done, Broken: broken });
  const two = fixture('two', { A: nested('One', 'B'), B: done, Broken: broken });
  expect(loopFindings([one, two], [])).toEqual(['one, two: starts itself']);
});
