import { expect, test } from '@jest/globals';
import { type Ends, endingFindings, endsSince } from './asl/endings.ts';
import { type Machine, machines } from './asl/machine.ts';
import { broken, done, fixture, nested, task } from './fixtures.ts';
import { starters } from './stack.ts';

const ROOTS = ['migrate', 'accept-state', 'restore', 'backup', 'sweep'];

const sweeper = 'the outcome could not be written: the sweeper is woken by the failure, assesses and writes it';
const halfway =
  'one of both instances may be closed to the application: the sweeper is woken, opens one, and writes the outcome';
const nextSweep = 'the schedule starts the next sweep, which finds the same and does it again';

/** Ends without an outcome of their own. */
const ENDS: Ends = {
  green: ['migrate', 'accept-state', 'restore', 'backup'],
  unnamed: [
    { machine: 'migrate', state: 'NotConcluded', reason: sweeper },
    { machine: 'accept-state', state: 'NotConcluded', reason: sweeper },
    { machine: 'restore', state: 'NotConcluded', reason: sweeper },
    { machine: 'backup', state: 'NotConcluded', reason: sweeper },
    { machine: 'migrate', state: 'LeftToSweeper', reason: halfway },
    { machine: 'restore', state: 'LeftToSweeper', reason: halfway },
    { machine: 'sweep', state: 'NotRecovered', reason: nextSweep },
    { machine: 'sweep', state: 'NothingAbandoned', reason: 'no run was left without an outcome' },
    { machine: 'sweep', state: 'NotSwept', reason: nextSweep },
    { machine: 'sweep', state: 'NotConcluded', reason: nextSweep },
    { machine: 'sweep', state: 'NotReleased', reason: nextSweep },
  ],
};

test('every way through a workflow ends in an outcome that is recorded, and green only when it succeeded', async () => {
  expect(endingFindings(await machines(), ROOTS, ENDS)).toEqual([]);
});

test('once the Job is launched, the run ends in a recorded outcome, or in a failure that wakes the sweeper', async () => {
  const ends = endsSince(await machines(), 'LaunchJob');
  expect(ends.length).toBeGreaterThan(0);
  for (const end of ends) expect(end).toMatchObject({ machine: 'migrate', by: 'end' });
  const [recorded, unrecorded] = [true, false].map((is) =>
    ends.filter(({ record }) => (record !== null) === is).map(({ state }) => state),
  );
  expect(new Set(unrecorded)).toEqual(new Set(['NotConcluded', 'LeftToSweeper']));
  expect(new Set(recorded)).toEqual(new Set(['Succeeded', 'Failed']));
});

test('the sweeper is woken by whatever ends a root without success, and by the clock', async () => {
  const started = (await starters()).filter(({ starts }) => starts === 'sweep').map(({ when }) => when);
  const woken = started.flatMap((when) => ('ended' in when ? [when] : []));
  expect(woken.flatMap(({ ended }) => ended)).toEqual(expect.arrayContaining(['migrate', 'accept-state', 'restore']));
  // One that fails would start itself again, at once and for ever.
  expect(woken.flatMap(({ ended }) => ended)).not.toContain('sweep');
  for (const { status } of woken) expect(new Set(status)).toEqual(new Set(['FAILED', 'TIMED_OUT', 'ABORTED']));
  expect(started).toContainEqual({ rate: 'rate(1 minute)' });
});

const conclude = (Next: string, other: Record<string, unknown> = {}) =>
  task('Conclude', Next, { ResultPath: '$.end', ...other });
const ask = {
  Type: 'Choice',
  Choices: [{ Variable: '$.end.succeeded', BooleanEquals: true, Next: 'Good' }],
  Default: 'Bad',
};
const good = { Type: 'Succeed', OutputPath: '$.end' };
const bad = { Type: 'Fail', ErrorPath: '$.end.outcome', CausePath: '$.end.cause' };
const root = (states: Record<string, Record<string, unknown>> = {}): Machine =>
  fixture('root', {
    A: task('F', 'Conclude', { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Conclude' }] }),
    Conclude: conclude('Ask'),
    Ask: ask,
    Good: good,
    Bad: bad,
    Broken: broken,
    ...states,
  });
const ends: Ends = { green: ['root'], unnamed: [{ machine: 'root', state: 'Broken', reason: sweeper }] };
const findings = (machine: Machine, of = ends) => endingFindings([machine], ['root'], of);

test('has nothing to say about a workflow that records its outcome before every end, wherever it keeps it', () => {
  expect(findings(root())).toEqual([]);
  const bare = { Ask: { ...ask, OutputPath: '$.end' }, Good: done, Bad: { Type: 'Fail', ErrorPath: '$.outcome' } };
  expect(findings(root(bare))).toEqual([]);
});

test.each([
  {
    what: 'a catch that goes past the recorder',
    states: {
      A: task('F', 'Conclude', { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Bad' }] }),
    },
    finding: 'root.Bad: ends the execution and no outcome is recorded',
  },
  {
    what: 'a Task that lets errors through',
    states: { A: task('F', 'Conclude', { Catch: undefined }) },
    finding: 'root.A: lets errors through, and the execution ends without an outcome',
  },
  {
    what: 'a Choice where no rule may hold',
    states: { Ask: { ...ask, Default: undefined } },
    finding: 'root.Ask: lets errors through, and the execution ends without an outcome',
  },
  {
    what: 'an end that is green whatever came out',
    states: { Conclude: conclude('Good') },
    finding: 'root.Good: succeeds whatever $.end.succeeded says',
  },
  {
    what: 'a Choice that takes the wrong side for good',
    states: { Ask: { ...ask, Choices: [{ Variable: '$.end.succeeded', BooleanEquals: false, Next: 'Good' }] } },
    finding: 'root.Good: succeeds whatever $.end.succeeded says',
  },
  {
    what: 'a failure by another name',
    states: { Bad: { Type: 'Fail', Error: 'SomethingError' } },
    finding: 'root.Bad: fails and does not name $.end.outcome',
  },
  {
    what: 'a success that says nothing',
    states: { Good: done },
    finding: 'root.Good: succeeds and does not give the outcome',
  },
  {
    what: 'a recorder whose answer is thrown away',
    states: { Conclude: conclude('Ask', { ResultPath: null }) },
    finding: 'root.Bad: ends the execution and no outcome is recorded',
  },
  {
    what: 'a recorder whose answer lies elsewhere than where it is read',
    states: { Conclude: conclude('Ask', { ResultPath: '$.other' }) },
    finding: 'root.Bad: fails and does not name $.other.outcome',
  },
  {
    what: 'an outcome that is cut off on the way',
    states: { Ask: { ...ask, OutputPath: '$.error' } },
    finding: 'root.Bad: ends the execution and no outcome is recorded',
  },
  {
    what: 'an outcome that a later Task writes over',
    states: { Conclude: conclude('After'), After: task('F', 'Ask') },
    finding: 'root.Bad: ends the execution and no outcome is recorded',
  },
  {
    what: 'an end in the middle',
    states: { Conclude: { ...conclude('Ask'), Next: undefined, End: true } },
    finding: 'root.Conclude: ends the execution and no outcome is recorded',
  },
])('sees $what', ({ states, finding }) => {
  expect(findings(root(states as Record<string, Record<string, unknown>>))).toContain(finding);
});

test('sees an end that may do without an outcome and is never met', () => {
  const never = { machine: 'root', state: 'Never', reason: sweeper };
  expect(findings(root(), { ...ends, unnamed: [...ends.unnamed, never] })).toEqual([
    'root.Never: may end without an outcome and never does',
  ]);
});

test('follows a launch out of its machine, through the one that waits for it, by success and by error', () => {
  const child = fixture('child', { A: task('Launch', 'B', { Catch: undefined }), B: done });
  const parent = (Catch: unknown) => root({ A: nested('Child', 'Conclude', { Catch, ResultPath: '$.job' }) });
  const caught = parent([{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next: 'Conclude' }]);
  expect(
    endsSince([child, caught], 'Launch')
      .map(({ state, by }) => [state, by])
      .sort(),
  ).toEqual([
    ['Bad', 'end'],
    ['Broken', 'end'],
    ['Good', 'end'],
  ]);
  expect(endsSince([child, parent(undefined)], 'Launch')).toContainEqual(
    expect.objectContaining({ machine: 'root', state: 'A', by: 'error' }),
  );
});
