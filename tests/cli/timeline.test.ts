import { describe, expect, test } from '@jest/globals';
import { duration } from '../../cli/timeline/duration.ts';
import { newHistory, readEvents } from '../../cli/timeline/history.ts';
import { narrator } from '../../cli/timeline/narrator.ts';
import { inOrder } from '../../cli/timeline/order.ts';
import { testContext } from './context.ts';
import { recording, time } from './recording.ts';

const CHILD = 'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-run-job:x';

/** A run whose Job takes three polls and then fails, told as it would be when asked for once at its end. */
function failedRun() {
  const root = recording();
  root.task(0, 80, 'AcquireLease');
  root.task(80, 200, 'PlanMigration', 1);
  root.choice(200, 'HasPendingFiles');
  root.child(200, 'RunJob', CHILD);
  const child = recording();
  child.task(210, 300, 'LaunchJob');
  for (const at of [300, 600, 1200]) {
    child.wait(at, at + 200, 'WaitForJob');
    child.task(at + 200, at + 250, 'PollJob');
    child.choice(at + 250, 'IsJobDone');
  }
  child.entered(1450, 'Task', 'ValidateSchema');
  const details = { error: 'SchemaError', cause: '{"errorType":"SchemaError","errorMessage":"no table"}' };
  child.add(1500, 'LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
  child.add(1500, 'ExecutionFailed', { executionFailedEventDetails: details });
  const nested = { ExecutionArn: CHILD, Status: 'FAILED', Error: 'SchemaError', Cause: details.cause };
  root.add(1510, 'TaskFailed', {
    taskFailedEventDetails: {
      resourceType: 'states',
      resource: 'startExecution.sync:2',
      error: 'States.TaskFailed',
      cause: JSON.stringify(nested),
    },
  });
  root.exited(1510, 'Task', 'RunJob');
  root.task(1510, 1600, 'Conclude');
  root.entered(1600, 'Fail', 'Failed');
  root.add(1601, 'ExecutionFailed', { executionFailedEventDetails: { error: 'FailedUntouched', cause: 'why' } });
  return { root: root.events, child: child.events };
}

function tell(watched: boolean) {
  const { context, err, live } = testContext({ watched, now: () => time(1601) });
  const events = failedRun();
  const teller = narrator({ terminal: context.terminal, startedAt: time(0), now: context.now });
  const root = newHistory('migrate', 0);
  const child = newHistory('run-job', 1);
  teller.tell(inOrder([readEvents(root, events.root), readEvents(child, events.child)]));
  teller.end();
  return { err, live, root, child };
}

test('a line for each state in which something happens, with its duration, children indented, a loop in one line, what failed by name', () => {
  expect(
    tell(false)
      .err.join('\n')
      .replace(/ {2,}(?=\d|once)/g, '  '),
  ).toMatchInlineSnapshot(`
"  0 ms  AcquireLease  80 ms
  80 ms  PlanMigration  120 ms, after 1 failed attempt
  200 ms  RunJob
  210 ms    LaunchJob  90 ms
  300 ms    WaitForJob  200 ms
  500 ms    PollJob  50 ms
  600 ms    WaitForJob, PollJob  2 more times, 850 ms
  1.4 s    ValidateSchema  50 ms, SchemaError
  1.5 s  RunJob left  1.3 s, SchemaError
  1.5 s  Conclude  90 ms
  1.6 s  Failed  1 ms, FailedUntouched"
`);
});

test('what happens in the same millisecond is told in the order of cause and effect', () => {
  const root = recording();
  root.child(5, 'RunJob', CHILD);
  root.add(5, 'TaskSucceeded');
  root.exited(5, 'Task', 'RunJob');
  const child = recording();
  child.task(5, 5, 'LaunchJob');
  const changes = inOrder([
    readEvents(newHistory('migrate', 0), root.events),
    readEvents(newHistory('run-job', 1), child.events),
  ]);
  expect(changes.map(({ what, step }) => `${what} ${step.state}`)).toEqual([
    'entered RunJob',
    'entered LaunchJob',
    'left LaunchJob',
    'left RunJob',
  ]);
});

test('of children that end in the same millisecond the innermost goes first', () => {
  const ends = ['restore', 'put-back', 'cut-over'].map((machine, depth) => {
    const { events, child, add, exited, task } = recording();
    child(depth, `State of ${machine}`, `${CHILD}-${depth}`);
    add(9, 'TaskSucceeded');
    exited(9, 'Task', `State of ${machine}`);
    task(9, 9, `End of ${machine}`);
    return readEvents(newHistory(machine, depth), events).filter(({ what }) => what === 'left');
  });
  expect(inOrder(ends.slice(0, 2)).map(({ step }) => step.state)).toEqual([
    'State of put-back',
    'End of put-back',
    'State of restore',
    'End of restore',
  ]);
});

describe('the history of an execution', () => {
  const { root, child } = tell(false);

  test('names for each visit the error that was not made good', () => {
    expect(root.steps.map(({ state, ms, error }) => [state, ms, error?.name ?? null])).toEqual([
      ['AcquireLease', 80, null],
      ['PlanMigration', 120, null],
      ['HasPendingFiles', 0, null],
      ['RunJob', 1310, 'SchemaError'],
      ['Conclude', 90, null],
      ['Failed', 1, 'FailedUntouched'],
    ]);
    expect(child.steps.filter(({ state }) => state === 'PollJob')).toHaveLength(3);
    expect(child.steps.at(-1)).toMatchObject({ state: 'ValidateSchema', ms: 50, error: { message: 'no table' } });
    expect(child.status).toBe('FAILED');
  });

  test('reads an event once, however often it comes', () => {
    const history = newHistory('migrate', 0);
    const { root: events } = failedRun();
    expect(readEvents(history, events.slice(0, 9))).not.toHaveLength(0);
    expect(readEvents(history, events.slice(0, 9))).toEqual([]);
    readEvents(history, events);
    expect(history.steps).toEqual(root.steps);
  });

  test('leaves an aborted state with the status as its error', () => {
    const history = newHistory('migrate', 0);
    const { events, entered, add } = recording();
    entered(10, 'Task', 'AcquireLease');
    add(30, 'ExecutionAborted', {});
    readEvents(history, events);
    expect(history.status).toBe('ABORTED');
    expect(history.steps[0]).toMatchObject({ ms: 20, error: { name: 'ExecutionAborted' } });
  });
});

describe('a person who waits', () => {
  function slow(watched: boolean) {
    let now = time(0);
    const { context, err, live } = testContext({ watched, now: () => now });
    const teller = narrator({ terminal: context.terminal, startedAt: time(0), now: context.now });
    const { events, entered } = recording();
    entered(0, 'Wait', 'WaitForSnapshot');
    teller.tell(readEvents(newHistory('migrate', 0), events));
    now = time(1_500);
    teller.tick();
    teller.tick();
    return { err, live };
  }

  test('sees the state and the time in a live line', () => {
    const { err, live } = slow(true);
    expect(err).toEqual([]);
    expect(live.at(-1)).toMatch(/^ +1\.5 s {2}WaitForSnapshot$/);
  });

  test('is told once of a state that takes longer than a second, where no live line can be drawn', () => {
    expect(slow(false).err.map((line) => line.trim())).toEqual(['0 ms  WaitForSnapshot']);
  });
});

test.each([
  [85.4, '85 ms'],
  [4_249, '4.2 s'],
  [185_000, '3 min 05 s'],
  [8_040_000, '2 h 14 min'],
])('%d ms read %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
