import { expect, test } from '@jest/globals';
import { type Doors, frozenFindings } from './asl/frozen.ts';
import { type Machine, machines } from './asl/machine.ts';
import { broken, done, fixture, nested, task } from './fixtures.ts';

const sweeper = 'its failure wakes the sweeper, which finishes the cutover or lets the old instance serve again';
const nextSweep = 'the schedule starts the next sweep, which tries again';
const parent = 'whoever started it asks for the old instance to serve again, or leaves both to the sweeper';

/** What stops the application, and all that may end while it is stopped. */
const DOORS: Doors = {
  closes: 'Freeze',
  opens: ['Unfreeze', 'AdmitApplication'],
  met: [
    { machine: 'cut-over', state: 'Begin' },
    { machine: 'sweep', state: 'CutOver' },
    { machine: 'sweep', state: 'Unfreeze' },
  ],
  left: [
    { machine: 'cut-over', state: 'NotCutOver', reason: parent },
    { machine: 'put-back', state: 'StillOpen', reason: sweeper },
    { machine: 'migrate', state: 'LeftToSweeper', reason: sweeper },
    { machine: 'restore', state: 'LeftToSweeper', reason: sweeper },
    { machine: 'sweep', state: 'NotRecovered', reason: nextSweep },
  ],
};

test('once the application is stopped, every way ends with it let in again, or in a failure that the sweeper goes on from', async () => {
  expect(frozenFindings(await machines(), DOORS)).toEqual([]);
});

const doors: Doors = { closes: 'Shut', opens: ['Open'], met: [], left: [] };
const open = (Next: string) => task('Open', 'IsOpen', { ResultPath: '$.open', Catch: to('Broken'), ...{ Next } });
const to = (Next: string) => [{ ErrorEquals: ['States.ALL'], ResultPath: '$.error', Next }];
const ask = (otherwise: string) => ({
  Type: 'Choice',
  Choices: [{ Variable: '$.open.done', BooleanEquals: true, Next: 'Done' }],
  Default: otherwise,
});
const story = (states: Record<string, Record<string, unknown>> = {}): Machine =>
  fixture('m', {
    Shut: task('Shut', 'Work', { Catch: to('Open') }),
    Work: task('F', 'Open', { Catch: to('Open') }),
    Open: open('IsOpen'),
    IsOpen: ask('Wait'),
    Wait: { Type: 'Wait', Seconds: 1, Next: 'Open' },
    Done: done,
    Broken: broken,
    ...states,
  });
const left: Doors = { ...doors, left: [{ machine: 'm', state: 'Broken', reason: sweeper }] };

test('has nothing to say where every way on leads through what lets the application in', () => {
  expect(frozenFindings([story()], left)).toEqual([]);
});

test.each<[string, Record<string, Record<string, unknown>>, string]>([
  [
    'an error past it',
    { Work: task('F', 'Open', { Catch: to('Done') }) },
    'm.Done: ends while the application is stopped',
  ],
  [
    'its own error',
    { Shut: task('Shut', 'Work', { Catch: to('Done') }) },
    'm.Done: ends while the application is stopped',
  ],
  [
    'an error that nothing catches',
    { Work: task('F', 'Open', { Catch: undefined }) },
    'm.Work: ends while the application is stopped',
  ],
  ['a way on without its answer', { Open: open('Done') }, 'm.Done: ends while the application is stopped'],
  ['an answer that it is not done', { IsOpen: ask('Done') }, 'm.Done: ends while the application is stopped'],
])('sees %s', (_what, states, finding) => {
  expect(frozenFindings([story(states)], left)).toContain(finding);
});

test('sees a failure that nobody is said to go on from, and one that is said to be and never met', () => {
  expect(frozenFindings([story()], doors)).toEqual(['m.Broken: ends while the application is stopped']);
  const never = { machine: 'm', state: 'Never', reason: sweeper };
  expect(frozenFindings([story()], { ...doors, left: [...left.left, never] })).toEqual([
    'm.Never: is said to be left while the application is stopped, and is not',
  ]);
});

test('follows what a machine inside leaves behind when it fails, and what it opens when it ends well', () => {
  const inner = fixture('inner', {
    Open: task('Open', 'IsOpen', { ResultPath: '$.open', Catch: undefined }),
    IsOpen: ask('Broken'),
    Done: done,
    Broken: broken,
  });
  const outer = (Catch: unknown) =>
    fixture('m', {
      Shut: task('Shut', 'Inner', { Catch: to('Broken') }),
      Inner: nested('Inner', 'Done', { Catch }),
      Done: done,
      Broken: broken,
    });
  expect(frozenFindings([inner, outer(to('Broken'))], left)).toEqual([]);
  expect(frozenFindings([inner, outer(to('Done'))], left)).toEqual(['m.Done: ends while the application is stopped']);
  const idle = fixture('inner', { A: task('F', 'Done'), Done: done, Broken: broken });
  expect(frozenFindings([idle, outer(to('Broken'))], left)).toEqual(['m.Done: ends while the application is stopped']);
});
