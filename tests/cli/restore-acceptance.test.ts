import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withAcceptance } from '../../cli/restore/acceptance.ts';
import { readAccount } from '../../cli/restore/account.ts';
import { findRestore } from '../../cli/restore/running.ts';
import { stackNames } from '../../cli/stack/names.ts';
import type { Stack } from '../../cli/stack/stack.ts';
import type { Change } from '../../cli/timeline/step.ts';
import { putDocument } from '../../lib/documents/documents.ts';
import { readAcceptance } from '../../lib/restore/acceptance.ts';
import { type LossDocument, lossDocument } from '../../lib/restore/loss-document.ts';
import { keys } from '../../lib/runs/keys.ts';
import { type Bucket, openBucket } from '../support/bucket.ts';
import { testContext } from './context.ts';
import { outcome } from './record.ts';

let bucket: Bucket;
let stack: Stack;
beforeAll(async () => {
  bucket = await openBucket();
  const { documents, sfn } = bucket;
  const names = stackNames({ database: 'carthub', account: '000000000000', region: 'eu-west-1', partition: 'aws' });
  stack = {
    ...{ names: { ...names, bucket: documents.bucket }, sfn, s3: documents.s3, caller: null },
    ...{ configuration: { region: 'eu-west-1' }, secret: async () => '' },
  };
});
afterAll(() => bucket.close());

const AT = '2026-01-31T02:00:00.000Z';
const CARTS = {
  ...{ table: 'public.carts', replayed: 4, lost: 3, inserted: 1, updated: 2, deleted: 0 },
  doubts: ['Others wrote rows that the run may have changed before.'],
};
const LOSS: Omit<LossDocument, 'run'> = {
  ...{ format: 1, at: AT, nothing: false, tables: [CARTS], beside: [], notes: [] },
  conflicts: ['-- public.carts: update, changed-by-both\nupdate only public.carts set total = 5 where id = 7;'],
  waitsUntil: '2026-01-31T02:10:00.000Z',
};
const change = (type: string, state: string): Change => ({
  ...{ what: 'entered', at: new Date(AT) },
  step: {
    ...{ machine: 'put-back', state, type, depth: 1, enteredAt: new Date(AT), ms: null },
    ...{ failures: 0, error: null, child: null, round: 0 },
  },
});

/** A run that waits for a word, until `answered` says that it has one or the window is over. */
async function waiting(run: string, loss: Omit<LossDocument, 'run'>, answer: string | null) {
  await putDocument(bucket.documents, keys.restore.loss(run), lossDocument.parse({ ...loss, run }), null);
  const { context, err } = testContext({ answer, now: () => new Date(AT) });
  const hints = { flags: ' --local', again: '' };
  const said = new Promise<void>((resolve) => {
    const ask = context.terminal.ask;
    context.terminal.ask = async (question, withdrawn) => {
      err.push(question);
      const given = await ask(question, withdrawn);
      setTimeout(resolve);
      return given;
    };
  });
  await withAcceptance({ stack, run, reason: 'seen', by: 'anna', hints, context }, async (onChanges) => {
    onChanges([change('Task', 'JudgeLoss')]);
    onChanges([change('Wait', 'WaitForAcceptance')]);
    onChanges([change('Wait', 'WaitForAcceptance')]);
    await said;
    onChanges([change('Task', 'ReplayWrites')]);
  });
  return { text: err.join('\n'), word: await readAcceptance(bucket.documents, run) };
}

test('a run that waits shows what would be lost, and a yes lets go of exactly these rows, on record', async () => {
  const { text, word } = await waiting('run-1', LOSS, 'y');
  expect(word).toEqual({
    ...{ format: 1, run: 'run-1', tables: { 'public.carts': 3 }, by: 'anna', reason: 'seen', at: AT },
  });
  expect(text).toMatchInlineSnapshot(`
"
Written since then, and not on the restored database, in rows:
table        | lost | made | changed | deleted | replayed
-------------+------+------+---------+---------+---------
public.carts |    3 |    1 |       2 |       0 |        4
Not proved:
  public.carts: Others wrote rows that the run may have changed before.
A row that is not guessed about, as SQL to look at and to run; s3://documents/runs/run-1/restore/loss.json has it whole:
  -- public.carts: update, changed-by-both
  update only public.carts set total = 5 where id = 7;
Every one of these rows is kept: s3://documents/runs/run-1/restore/lost.jsonl

The application is stopped. Without a word until 2026-01-31T02:10:00Z the old instance serves again, and nothing is lost.
From another terminal: npx carthub-db restore --local --resume run-1 --accept-loss public.carts=3 --reason "why"
Let go of exactly these rows and cut over? [y/N] 
Accepted; the run goes on."
`);
});

test('a no lets nothing go and ends the wait; no answer at all writes nothing', async () => {
  expect((await waiting('run-2', LOSS, '')).word).toMatchObject({ tables: 'none' });
  expect((await waiting('run-3', LOSS, 'no')).word).toMatchObject({ tables: 'none' });
  const { text, word } = await waiting('run-4', LOSS, null);
  expect(word).toBeNull();
  expect(text).not.toContain('Error');
  expect(text).toContain('npx carthub-db restore --local --resume run-4 --accept-loss public.carts=3 --reason "why"');
});

test('what nobody can count is let go only by all', async () => {
  const unknown = { ...LOSS, tables: [CARTS, { ...CARTS, table: 'public.orders', lost: null }] };
  const { text, word } = await waiting('run-5', unknown, 'yes');
  expect(word).toMatchObject({ tables: 'all' });
  expect(text).toContain('--accept-loss all');
  expect((await waiting('run-6', { ...LOSS, beside: ['large objects'] }, 'y')).word).toMatchObject({ tables: 'all' });
});

test('the account of a loss that cannot be read stops nothing', async () => {
  await putDocument(bucket.documents, keys.restore.loss('run-7'), { format: 9 }, null);
  const { context, err } = testContext();
  const hints = { flags: '', again: '' };
  const done = await withAcceptance({ stack, run: 'run-7', reason: '', by: '', hints, context }, async (onChanges) => {
    onChanges([change('Wait', 'WaitForAcceptance')]);
    return 'done';
  });
  expect(done).toBe('done');
  expect(err.join('\n')).toContain('DocumentInvalidError');
});

test('a restore is known by its outcome, else by its execution, else not at all', async () => {
  await putDocument(
    bucket.documents,
    keys.outcome('run-8'),
    outcome({ run: 'run-8', outcome: 'NeedsAcceptance' }),
    null,
  );
  expect(await findRestore(stack, 'run-8')).toMatchObject({ outcome: { outcome: 'NeedsAcceptance' } });
  const execution = 'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-restore:run-9';
  bucket.executions.set(execution, { status: 'RUNNING' });
  expect(await findRestore(stack, 'run-9')).toMatchObject({ outcome: null, execution });
  expect(await findRestore(stack, 'run-10')).toBeNull();
});

test('what a restore left beside its outcome is told: settings that differ, and whether the application is still locked out', async () => {
  const at = { source: 'a', copy: 'b', reason: 'why' };
  const settings = {
    ...{ format: 1, run: 'run-11', backupTags: [], copy: null, anyZone: false },
    source: { DBInstanceIdentifier: 'a', DBInstanceArn: 'a', DbiResourceId: 'a', DBInstanceStatus: 'available' },
    compared: [
      { ...at, field: 'AvailabilityZone', how: 'differs' },
      { ...at, field: 'DbiResourceId', how: 'differs' },
      { ...at, field: 'DBInstanceClass', how: 'passed', reason: null },
    ],
  };
  const freeze = {
    ...{ format: 1, run: 'run-11', since: AT, until: AT, resourceId: 'db-A', groups: ['sg-a'] },
    ...{ listed: [], lifted: null, thawed: null },
  };
  const instance = { resourceId: 'db-A', identifier: 'a' };
  const cutover = {
    ...{ format: 1, run: 'run-11', old: instance, copy: instance, name: 'a', retired: 'r', wasProtected: true },
    ...{ found: null, doing: null, steps: { admitted: AT }, reversed: null },
  };
  expect(await readAccount(stack, 'run-11')).toMatchObject({ isCompared: false, settings: [], frozenSince: null });
  await putDocument(bucket.documents, keys.restore.settings('run-11'), settings, null);
  await putDocument(bucket.documents, keys.restore.freeze('run-11'), freeze, null);
  expect(await readAccount(stack, 'run-11')).toEqual({
    ...{ isCompared: true, settings: [{ ...at, field: 'AvailabilityZone' }], frozenSince: AT, loss: null },
    documents: 's3://documents/runs/run-11/restore',
  });
  await putDocument(bucket.documents, keys.restore.cutover('run-11'), cutover, null);
  expect(await readAccount(stack, 'run-11')).toMatchObject({ frozenSince: null });
});
