import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Assessment } from '../../../lib/damage/assessment.ts';
import { putDocument, readDocument } from '../../../lib/documents/documents.ts';
import { readQuarantine } from '../../../lib/quarantine/quarantine.ts';
import { readRestoreDocuments, recoveryOf } from '../../../lib/restore/recovery.ts';
import { concludeRun } from '../../../lib/runs/conclude.ts';
import type { FinalState } from '../../../lib/runs/final-state.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { record } from '../../../lib/runs/record.ts';
import type { Run } from '../../../lib/runs/run.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';
import { cutoverOf, freezeOf, lossOf, planOf } from '../../support/restore-documents.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

const blamed = { sha256: 'f'.repeat(64), file: '002.do.b.sql', reason: 'it committed on its way' };
const dirty: Assessment = {
  ...{ state: 'Dirty', before: 1, after: 1, reason: 'half done', steps: [], blamed: [blamed], notes: [] },
};
const jobFailed = { Error: 'JobFailedError', Cause: 'The Job failed.' };
const caught = (name: string, message: string) => ({
  Error: name,
  Cause: JSON.stringify({ errorType: name, errorMessage: message }),
});
const said = (more: Partial<NonNullable<FinalState['restoration']>>): FinalState['restoration'] => ({
  ...{ restored: false, refused: false, error: null, kept: null },
  ...more,
});

function ended(id: string, state: Partial<FinalState>, run: Partial<Run> = {}) {
  const all: FinalState = {
    ...{ run: loneRun(id, run), plan: { before: 1, pending: 1 }, snapshot: null, job: null, acceptance: null },
    ...{ settlement: { assessment: dirty }, settleError: null, restoration: null, error: jobFailed, retention: null },
    ...state,
  };
  return concludeRun({ documents: bucket.documents, state: all, by: 'x', now: new Date('2026-01-01T01:00:00Z') });
}
const asRestore: Partial<Run> = { kind: 'restore', onFailure: 'keep', target: null, release: null, image: null };
const restoreEnded = (id: string, restoration: FinalState['restoration'], error: FinalState['error'] = null) =>
  ended(id, { plan: null, settlement: null, restoration, error }, asRestore);

const recordOf = async (run: string) => (await readDocument(bucket.documents, keys.outcome(run), record))?.value;
const put = (key: string, value: unknown) => putDocument(bucket.documents, key, value, null);

test('a dirty database that was put back is FailedRestored, carries no mark, and the record says what was done', async () => {
  await put(keys.restore.plan('a'), planOf('a'));
  await put(keys.restore.freeze('a'), freezeOf('a'));
  const phase = { phase: 'copy', since: '2026-01-01T00:05:00.000Z', until: '2026-01-01T00:07:00.500Z' };
  await put(keys.restore.report('a'), { format: 1, run: 'a', phases: [phase], frozenSeconds: 30 });
  await put(keys.restore.cutover('a'), cutoverOf('a', { admitted: '2026-01-01T00:10:30.000Z' }));
  expect(await ended('a', { restoration: said({ restored: true }) })).toMatchObject({
    ...{ outcome: 'FailedRestored', succeeded: false, dirty: null },
  });
  expect(await recordOf('a')).toMatchObject({
    ...{ version: { before: 1, after: 1 }, error: { name: 'JobFailedError' } },
    restore: {
      ...{ attempted: true, done: true, copy: 'carthub-db', retired: 'carthub-db-retired-20260101001000' },
      phases: [{ phase: 'copy', seconds: 120.5 }],
      ...{ frozenSeconds: 30, finish: null, target: { time: '2026-01-01T00:00:00Z', snapshot: null } },
    },
    notes: expect.arrayContaining([expect.stringContaining('could not be made ready for its removal')]),
  });
});

test('the documents alone tell it of a root that died after the cutover', async () => {
  await put(keys.restore.plan('b'), planOf('b'));
  await put(keys.restore.cutover('b'), cutoverOf('b', { admitted: '2026-01-01T00:10:30.000Z' }));
  const over = { Error: 'ExecutionOverError', Cause: 'The execution is ABORTED.' };
  expect(await ended('b', { settlement: null, plan: null, error: over })).toMatchObject({
    outcome: 'FailedRestored',
    dirty: null,
  });
});

test('a restore that was not finished keeps the database marked, and names the reason and the one command', async () => {
  await put(keys.restore.plan('c'), planOf('c'));
  await put(keys.restore.freeze('c'), freezeOf('c', { thawed: '2026-01-01T00:10:05.000Z' }));
  await put(keys.restore.loss('c'), lossOf('c', { 'public.carts': 3, 'public.notes': null, 'public.kept': 0 }));
  const restoration = said({
    error: caught('LossNotAcceptedError', '3 rows of public.carts would be lost.\nRemedy: accept them.'),
    kept: { copy: 'carthub-db-restored-abc123', expires: '2026-01-08T00:00:00Z' },
  });
  const end = await ended('c', { restoration });
  expect(end).toMatchObject({ outcome: 'FailedKept', dirty: { run: 'c', assessed: true } });
  expect(end.cause).toContain('carthub-db restore --resume c');
  expect(await recordOf('c')).toMatchObject({
    error: { name: 'JobFailedError' },
    restore: {
      ...{ attempted: true, done: false, reason: '3 rows of public.carts would be lost.', frozenSeconds: 5 },
      ...{ loss: { proved: false, rows: { 'public.carts': 3, 'public.notes': null } }, conflicts: ['select 1'] },
      ...{ copy: 'carthub-db-restored-abc123', retired: null, expires: '2026-01-08T00:00:00Z' },
    },
  });
});

test('keep, and what nobody could look at, start no restore and say so', async () => {
  await ended('d', {}, { onFailure: 'keep' });
  expect(await recordOf('d')).toMatchObject({
    restore: {
      attempted: false,
      reason: 'The input asked to keep the database as it is.',
      finish: 'carthub-db restore --before-run d',
    },
  });
  await ended('e', { settlement: { assessment: { state: 'Unassessed', error: jobFailed } } });
  expect(await recordOf('e')).toMatchObject({ outcome: 'FailedKept', restore: { attempted: false, finish: null } });
});

test.each<[string, FinalState['restoration'], FinalState['error'], string, unknown]>([
  ['was done', said({ restored: true }), null, 'Restored', null],
  [
    'was refused',
    said({ refused: true, error: caught('RestoreTargetError', 'too late') }),
    null,
    'Refused',
    'as it is',
  ],
  ['needs a word', said({ error: caught('LossNotAcceptedError', 'rows') }), null, 'NeedsAcceptance', 'as it is'],
  ['failed', said({ error: caught('CopyFailedError', 'storage-full') }), null, 'FailedKept', 'as it is'],
  ['died before it began', null, { Error: 'ExecutionOverError', Cause: '' }, 'Refused', 'as it is'],
])(
  'a restore that %s is named so, and only one that was done takes the mark away',
  async (what, state, error, outcome, mark) => {
    const id = what.replaceAll(' ', '-');
    expect(await restoreEnded(id, state, error)).toMatchObject({
      outcome,
      dirty: mark,
      succeeded: outcome === 'Restored',
    });
    expect((await recordOf(id))?.error?.name).toBe(state?.error?.Error ?? error?.Error);
  },
);

test('a file is quarantined once, with the run that it made dirty first', async () => {
  await ended('f', {});
  await ended('g', {});
  const { files } = await readQuarantine(bucket.documents, 'carthub');
  expect(files).toEqual([{ ...blamed, run: 'a', since: '2026-01-01T01:00:00.000Z' }]);
});

test.each<[string, Record<string, unknown>, string]>([
  ['nothing', {}, 'none'],
  ['a plan, and perhaps a freeze on its way', { plan: planOf('x') }, 'freeze'],
  ['a freeze', { plan: planOf('x'), freeze: freezeOf('x') }, 'freeze'],
  [
    'a freeze that was lifted',
    { plan: planOf('x'), freeze: freezeOf('x', { thawed: '2026-01-01T00:11:00.000Z' }) },
    'copy',
  ],
  ['a cutover', { plan: planOf('x'), freeze: freezeOf('x'), cutover: cutoverOf('x', {}) }, 'cutover'],
  [
    'a cutover that went back',
    { freeze: freezeOf('x'), cutover: { ...cutoverOf('x', {}), reversed: '2026-01-01T00:11:00.000Z' } },
    'freeze',
  ],
  [
    'a cutover whose old instance is not retired',
    { cutover: cutoverOf('x', { admitted: '2026-01-01T00:11:00.000Z' }) },
    'cutover',
  ],
  [
    'a cutover that is done',
    {
      freeze: freezeOf('x'),
      cutover: cutoverOf('x', { admitted: '2026-01-01T00:11:00.000Z', retired: '2026-01-01T00:12:00.000Z' }),
    },
    'none',
  ],
  ['a cutover that nobody can read', { cutover: 'what' }, 'cutover'],
])('of a root that died and left %s, this is to be done', async (what, left, recovery) => {
  const run = what.replaceAll(' ', '-');
  const where = { plan: keys.restore.plan, freeze: keys.restore.freeze, cutover: keys.restore.cutover };
  for (const [name, key] of Object.entries(where)) if (left[name] !== undefined) await put(key(run), left[name]);
  expect(recoveryOf(await readRestoreDocuments(bucket.documents, run))).toBe(recovery);
});
