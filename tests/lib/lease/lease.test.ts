import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { acquireLease } from '../../../lib/lease/acquire.ts';
import { adoptLease } from '../../../lib/lease/adopt.ts';
import { raiseToken } from '../../../lib/lease/raise-token.ts';
import { releaseLease } from '../../../lib/lease/release.ts';
import { readLease } from '../../../lib/lease/store.ts';
import { beginRun } from '../../../lib/runs/begin.ts';
import { fault } from '../../../local/faults/fault.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';

let bucket: Bucket;
beforeEach(async () => {
  passed = 0;
  bucket = await openBucket();
});
afterEach(() => bucket.close());

const database = 'carthub';
const START = Date.parse('2026-01-01T00:00:00Z');
let passed = 0;
const now = () => new Date(START + passed);
const arn = (name: string) => `arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-migrate:${name}`;

function migrate(name: string) {
  bucket.executions.set(arn(name), { status: 'RUNNING' });
  const input = {
    ...{ database, release: `releases/${'0'.repeat(64)}.json`, image: 'i', target: 1, onFailure: 'auto' },
    requestedBy: 'test',
  };
  const start = { kind: 'migrate' as const, run: name, execution: arn(name), startedAt: now().toISOString(), input };
  return beginRun(start, database);
}

function accept(name: string) {
  bucket.executions.set(arn(name), { status: 'RUNNING' });
  const input = { database, reason: 'looked at it', requestedBy: 'test' };
  const start = {
    kind: 'accept-state' as const,
    run: name,
    execution: arn(name),
    startedAt: now().toISOString(),
    input,
  };
  return beginRun(start, database);
}

const acquire = (run: ReturnType<typeof migrate>) => acquireLease({ ...bucket, run, now });
const release = (name: string, dirty: Parameters<typeof releaseLease>[0]['dirty'] = null) =>
  releaseLease({ documents: bucket.documents, database, execution: arn(name), dirty });
const adopt = (name: string) => adoptLease({ ...bucket, database, execution: arn(name), now });
const mark = { run: 'a', since: now().toISOString(), reason: 'half done', assessed: true };

test('of twenty that ask at once exactly one gets it, and all others are told who has it and since when', async () => {
  const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => acquire(migrate(`run-${n}`))));
  const winners = asked.filter((each) => each.status === 'fulfilled');
  expect(winners).toHaveLength(1);
  const holder = (await readLease(bucket.documents, database))?.holder?.execution ?? '';
  for (const each of asked) {
    if (each.status === 'fulfilled') continue;
    expect(each.reason).toMatchObject({ name: 'LeaseHeldError', message: expect.stringContaining(holder) });
    expect(each.reason.message).toContain('since 2026-01-01');
  }
});

test('who asks twice gets the same token', async () => {
  const run = migrate('a');
  expect(await acquire(run)).toEqual(await acquire(run));
});

test('the token grows with every acquisition and with every raise', async () => {
  const { token } = await acquire(migrate('a'));
  const raised = await raiseToken({ documents: bucket.documents, database, execution: arn('a') });
  await release('a');
  const next = await acquire(migrate('b'));
  expect([raised.token, next.token]).toEqual([token + 1, token + 2]);
});

test('a token that a copied database brought along is outgrown, and a smaller one changes nothing', async () => {
  await acquire(migrate('a'));
  const raise = (above: number) => raiseToken({ documents: bucket.documents, database, execution: arn('a'), above });
  expect(await raise(70)).toEqual({ token: 71 });
  expect(await raise(70)).toEqual({ token: 72 });
  expect(await raise(3)).toEqual({ token: 73 });
  expect(await acquire(migrate('a'))).toMatchObject({ token: 73 });
});

test('a put whose answer was lost is taken for what it was', async () => {
  const put = { service: 's3', operation: 'PutObject', where: { Key: `leases/${database}.json` } };
  bucket.faults.arm(fault.parse({ ...put, mode: 'fail-after', status: 412, code: 'PreconditionFailed' }));
  await expect(acquire(migrate('a'))).resolves.toMatchObject({ token: 1 });
});

test('a lease whose holder is over is not given away but named, and adopted with a new token', async () => {
  await acquire(migrate('a'));
  bucket.executions.set(arn('a'), { status: 'ABORTED' });
  await expect(acquire(migrate('b'))).rejects.toMatchObject({ name: 'LeaseAbandonedError' });
  expect(await adopt('sweep-1')).toMatchObject({ token: 2, run: { id: 'a' } });
});

test('a holder that Step Functions does not know is alive for its first minutes, and dead after', async () => {
  await acquire(migrate('a'));
  bucket.executions.delete(arn('a'));
  passed = 4 * 60_000;
  await expect(acquire(migrate('b'))).rejects.toMatchObject({ name: 'LeaseHeldError' });
  expect(await adopt('sweep-1')).toBeNull();
  passed = 6 * 60_000;
  await expect(acquire(migrate('b'))).rejects.toMatchObject({ name: 'LeaseAbandonedError' });
  expect(await adopt('sweep-1')).toMatchObject({ token: 2, run: { id: 'a' } });
});

test('of two sweepers one adopts', async () => {
  await acquire(migrate('a'));
  bucket.executions.set(arn('a'), { status: 'TIMED_OUT' });
  for (const name of ['sweep-1', 'sweep-2']) bucket.executions.set(arn(name), { status: 'RUNNING' });
  const found = await Promise.all([adopt('sweep-1'), adopt('sweep-2')]);
  expect(found.filter((each) => each !== null)).toHaveLength(1);
});

test('a sweeper that died is swept: the run that it had taken over is not forgotten', async () => {
  await acquire(migrate('a'));
  bucket.executions.set(arn('a'), { status: 'ABORTED' });
  await adopt('sweep-1');
  bucket.executions.set(arn('sweep-1'), { status: 'TIMED_OUT' });
  await expect(adopt('sweep-2')).resolves.toMatchObject({ token: 3, run: { id: 'a' } });
});

test('nobody adopts a lease that is free, or whose holder is alive', async () => {
  expect(await adopt('sweep-1')).toBeNull();
  await acquire(migrate('a'));
  expect(await adopt('sweep-1')).toBeNull();
});

test('while a sweeper recovers the database, who asks is told to wait', async () => {
  await acquire(migrate('a'));
  bucket.executions.set(arn('a'), { status: 'ABORTED' });
  bucket.executions.set(arn('sweep-1'), { status: 'RUNNING' });
  await adopt('sweep-1');
  await expect(acquire(migrate('b'))).rejects.toMatchObject({ name: 'LeaseRecoveringError' });
});

test('a dirty database is had for accept-state alone, and keeps its mark when that is refused', async () => {
  await acquire(migrate('a'));
  await release('a', mark);
  await expect(acquire(migrate('b'))).rejects.toMatchObject({
    name: 'DatabaseDirtyError',
    message: expect.stringContaining('half done'),
    remedy: expect.stringContaining('accept-state'),
  });
  await expect(acquire(accept('c'))).resolves.toMatchObject({ unsettled: { id: 'a' } });
  await release('c', 'as it is');
  await expect(acquire(migrate('d'))).rejects.toMatchObject({ name: 'DatabaseDirtyError' });
  await acquire(accept('e'));
  await release('e', null);
  await expect(acquire(migrate('f'))).resolves.toMatchObject({ unsettled: { id: 'f' } });
});

test('a database that could not be looked at is taken up again by the sweeper', async () => {
  await acquire(migrate('a'));
  await release('a', { ...mark, assessed: false });
  await expect(adopt('sweep-1')).resolves.toMatchObject({ run: { id: 'a' } });
});

test('accept-state of a database that is not dirty is refused', async () => {
  await expect(acquire(accept('a'))).rejects.toMatchObject({ name: 'DatabaseNotDirtyError' });
});

test('who lost the lease can neither raise its token nor free it', async () => {
  await acquire(migrate('a'));
  bucket.executions.set(arn('a'), { status: 'ABORTED' });
  await adopt('sweep-1');
  await expect(release('a')).rejects.toMatchObject({ name: 'LeaseLostError' });
  await expect(raiseToken({ documents: bucket.documents, database, execution: arn('a') })).rejects.toMatchObject({
    name: 'LeaseLostError',
  });
});

test('freeing twice is freeing once', async () => {
  await acquire(migrate('a'));
  await release('a');
  await release('a');
  expect(await readLease(bucket.documents, database)).toMatchObject({ holder: null, run: null, dirty: null });
});

test.each([
  ['another database', { database: 'other' }],
  ['an unknown field', { extra: 1 }],
  ['a release that is no key', { release: '../x' }],
  ['a target that is no version', { target: -1 }],
])('an input with %s is refused by name', (_what, wrong) => {
  const input = {
    ...{ database, release: `releases/${'0'.repeat(64)}.json`, image: 'i', target: 1, requestedBy: 'x' },
    ...wrong,
  };
  const start = { kind: 'migrate' as const, run: 'a', execution: 'a', startedAt: '', input };
  expect(() => beginRun(start, database)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
});

function restore(name: string) {
  bucket.executions.set(arn(name), { status: 'RUNNING' });
  const input = { database, order: { to: 'run', run: 'a' }, reason: 'the carts are empty', requestedBy: 'test' };
  const start = { kind: 'restore' as const, run: name, execution: arn(name), startedAt: now().toISOString(), input };
  return beginRun(start, database);
}

test('a dirty database is had for a restore, beside which the run that left it so stays known', async () => {
  await acquire(migrate('a'));
  await release('a', mark);
  expect(await acquire(restore('b'))).toMatchObject({ unsettled: { id: 'a' } });
  await expect(acquire(migrate('c'))).rejects.toMatchObject({
    name: 'LeaseHeldError',
    message: expect.stringContaining('restore b'),
  });
  bucket.executions.set(arn('b'), { status: 'ABORTED' });
  expect(await adopt('sweep')).toMatchObject({ run: { id: 'b', kind: 'restore' }, took: arn('b') });
  await release('sweep', 'as it is');
  expect(await readLease(bucket.documents, database)).toMatchObject({ run: { id: 'a' }, restore: null, dirty: mark });
  await acquire(restore('d'));
  await release('d', null);
  expect(await readLease(bucket.documents, database)).toMatchObject({ run: null, restore: null, dirty: null });
});

test('the input of a restore is read field by field, and an order that nobody understands is refused', () => {
  expect(restore('r').restore).toMatchObject({
    order: { to: 'run', run: 'a' },
    acceptLoss: null,
    maxFreezeSeconds: 600,
  });
  const start = { kind: 'restore' as const, run: 'r', execution: arn('r'), startedAt: now().toISOString() };
  for (const order of [{ to: 'yesterday' }, { to: 'time', time: '2026-01-01T00:00:00' }, undefined]) {
    expect(() =>
      beginRun({ ...start, input: { database, order, reason: 'x', requestedBy: 'test' } }, database),
    ).toThrow('order');
  }
});
