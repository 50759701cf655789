import { expect, test } from '@jest/globals';
import { CutoverOpenError, InstanceVanishedError, NameTakenError } from '../../../lib/restore/cutover-errors.ts';
import type { CutoverJournal } from '../../../lib/restore/cutover-journal.ts';
import { CopyFailedError } from '../../../lib/restore/errors.ts';
import { nextCutoverStep, type ObservedCutover } from '../../../lib/restore/next-cutover-step.ts';
import type { ObservedInstance } from '../../../lib/restore/observe-instance.ts';

const AT = '2026-01-01T00:00:00.000Z';

const NOTHING = {
  ...{ fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null },
  ...{ verified: null, admitted: null, retired: null },
};
const READY = { ...NOTHING, fenced: AT, opened: AT };

function journalWith(changes: Partial<CutoverJournal> = {}): CutoverJournal {
  return {
    ...{ format: 1, run: 'r', name: 'carts', retired: 'carts-retired', wasProtected: false },
    ...{
      old: { resourceId: 'db-OLD', identifier: 'carts' },
      copy: { resourceId: 'db-COPY', identifier: 'carts-copy' },
    },
    ...{ found: null, doing: null, steps: READY, reversed: null, ...changes },
  };
}

function instance(resourceId: string, identifier: string, changes: Partial<ObservedInstance> = {}): ObservedInstance {
  return {
    ...{ resourceId, identifier, status: 'available', groups: [{ id: 'sg-ops', isActive: true }] },
    ...{ endpoint: { host: 'h', port: 1 }, isProtected: true, nextIdentifier: null, masterUsername: 'carthub' },
    ...{ masterSecretArn: null, tags: {}, ...changes },
  };
}

const old = (identifier = 'carts', changes: Partial<ObservedInstance> = {}) => instance('db-OLD', identifier, changes);
const copy = (identifier = 'carts-copy', changes: Partial<ObservedInstance> = {}) =>
  instance('db-COPY', identifier, changes);

/** As RDS would show these two, where nobody else has their names. */
function seen(one: ObservedInstance | null, other: ObservedInstance | null, strangers = {}): ObservedCutover {
  const holderOf = (name: string) => [one, other].find((each) => each?.identifier === name)?.resourceId ?? null;
  return {
    old: one,
    copy: other,
    holders: { name: holderOf('carts'), retired: holderOf('carts-retired'), ...strangers },
  };
}

const toRetired = { status: 'renaming', nextIdentifier: 'carts-retired', endpoint: null };
const toName = { status: 'renaming', nextIdentifier: 'carts', endpoint: null };
const answering = { status: 'renaming', endpoint: null };
const busy = { status: 'modifying' };

test.each<[string, ObservedCutover, object]>([
  ['opens the copy first', seen(old(), copy()), { do: 'open' }],
  ['waits for a busy copy', seen(old(), copy('carts-copy', busy)), { do: 'wait', exchanging: false }],
  ['waits for a busy old one', seen(old('carts', busy), copy()), { do: 'wait', exchanging: false }],
])('before the first rename it %s', (_, observed, expected) => {
  expect(nextCutoverStep(journalWith({ steps: NOTHING }), observed)).toMatchObject(expected);
});

test('nothing is renamed before the credentials, the token and the protection are as they must be', () => {
  const observed = seen(old('carts', { isProtected: false }), copy());
  expect(nextCutoverStep(journalWith({ steps: { ...NOTHING, opened: AT } }), observed)).toMatchObject({ do: 'fence' });
  expect(nextCutoverStep(journalWith(), observed)).toMatchObject({ do: 'protect' });
  expect(nextCutoverStep(journalWith(), seen(old(), copy()))).toMatchObject({ do: 'rename-old', to: 'carts-retired' });
});

/** Every state that a crash can leave behind, with what follows forward and backward. */
test.each<[string, ObservedCutover, object, object]>([
  ['nothing is renamed', seen(old(), copy()), { do: 'rename-old' }, { do: 'unprotect' }],
  [
    ...(['the old one is being renamed', seen(old('carts', toRetired), copy())] as const),
    ...([
      { do: 'wait', exchanging: true },
      { do: 'wait', exchanging: true },
    ] as const),
  ],
  [
    ...(['nobody has the name, the old one restarts', seen(old('carts-retired', answering), copy())] as const),
    ...([
      { do: 'rename-copy', to: 'carts' },
      { do: 'wait', exchanging: true },
    ] as const),
  ],
  [
    ...(['nobody has the name', seen(old('carts-retired'), copy())] as const),
    ...([
      { do: 'rename-copy', to: 'carts' },
      { do: 'rename-back', to: 'carts' },
    ] as const),
  ],
  [
    ...(['nobody has the name, the copy is busy', seen(old('carts-retired'), copy('carts-copy', busy))] as const),
    ...([{ do: 'wait', exchanging: true }, { do: 'rename-back' }] as const),
  ],
  [
    ...(['the old one gets its name back', seen(old('carts-retired', toName), copy())] as const),
    ...([
      { do: 'wait', exchanging: true },
      { do: 'wait', exchanging: true },
    ] as const),
  ],
])('when %s it can go forward and backward', (_, observed, forward, backward) => {
  expect(nextCutoverStep(journalWith(), observed)).toMatchObject(forward);
  expect(nextCutoverStep(journalWith(), observed, 'backward')).toMatchObject(backward);
});

test.each<[string, ObservedCutover, object, object]>([
  [
    ...(['is about to have', seen(old('carts-retired'), copy('carts-copy', toName))] as const),
    ...([
      { do: 'wait', exchanging: true },
      { do: 'wait', exchanging: true },
    ] as const),
  ],
  [
    ...(['has, and does not answer', seen(old('carts-retired'), copy('carts', answering))] as const),
    ...([
      { do: 'wait', exchanging: true },
      { do: 'wait', exchanging: true },
    ] as const),
  ],
  [
    ...(['has', seen(old('carts-retired'), copy('carts'))] as const),
    ...([{ do: 'finish' }, { do: 'rename-copy-back', to: 'carts-copy' }] as const),
  ],
  [
    ...(['has, and the old one is gone', seen(null, copy('carts'))] as const),
    ...([{ do: 'finish' }, { do: 'rename-copy-back' }] as const),
  ],
])('when the copy %s the name it can go back until it is verified', (_, observed, forward, backward) => {
  const verified = journalWith({ steps: { ...READY, verified: AT } });
  expect(nextCutoverStep(journalWith(), observed)).toMatchObject(forward);
  expect(nextCutoverStep(journalWith(), observed, 'backward')).toMatchObject(backward);
  expect(() => nextCutoverStep(verified, observed, 'backward')).toThrow(CutoverOpenError);
});

test('a copy that does not come back by itself is not waited for', () => {
  const stuck = seen(old(), copy('carts-copy', { status: 'failed', endpoint: null }));
  expect(() => nextCutoverStep(journalWith(), stuck)).toThrow(CopyFailedError);
});

test('backward ends with the old one as it was: its name, and the protection that it had', () => {
  const back = (one: ObservedInstance, changes: Partial<CutoverJournal> = {}) =>
    nextCutoverStep(journalWith(changes), seen(one, copy()), 'backward');
  expect(back(old())).toMatchObject({ do: 'unprotect' });
  expect(back(old('carts', { isProtected: false }))).toEqual({ do: 'close' });
  expect(back(old(), { wasProtected: true })).toEqual({ do: 'close' });
  expect(nextCutoverStep(journalWith(), seen(old('carts-retired'), null), 'backward')).toMatchObject({
    do: 'rename-back',
  });
});

test('a cutover that was given up is not gone on with, unless the copy has the name all the same', () => {
  const given = journalWith({ reversed: AT });
  expect(() => nextCutoverStep(given, seen(old(), copy()))).toThrow(CutoverOpenError);
  expect(() => nextCutoverStep(given, seen(old('carts-retired'), copy()))).toThrow(CutoverOpenError);
  expect(nextCutoverStep(given, seen(old('carts-retired'), copy('carts')))).toEqual({ do: 'finish' });
  expect(nextCutoverStep(given, seen(old('carts', { isProtected: false }), copy()), 'backward')).toEqual({
    do: 'close',
  });
  // A rename that was under way when it was given up.
  expect(nextCutoverStep(given, seen(old('carts-retired'), copy()), 'backward')).toMatchObject({ do: 'rename-back' });
});

test('a name that a stranger has is said, before anything is renamed to it', () => {
  const taken = { name: 'db-STRANGER' };
  const gap = seen(old('carts-retired'), copy(), taken);
  expect(() => nextCutoverStep(journalWith(), gap)).toThrow(NameTakenError);
  expect(() => nextCutoverStep(journalWith(), gap, 'backward')).toThrow(NameTakenError);
  expect(() => nextCutoverStep(journalWith(), seen(old(), copy(), { retired: 'db-STRANGER' }))).toThrow(NameTakenError);
});

test.each<[string, ObservedCutover]>([
  ['the copy is gone', seen(old(), null)],
  ['the copy is gone and nobody has the name', seen(old('carts-retired'), null)],
  ['the old one is gone', seen(null, copy())],
  ['the old one has a third name', seen(old('carts-x'), copy())],
  ['the copy has a third name', seen(old('carts-retired'), copy('carts-x'))],
])('it says so when %s', (_, observed) => {
  expect(() => nextCutoverStep(journalWith(), observed)).toThrow(InstanceVanishedError);
});
