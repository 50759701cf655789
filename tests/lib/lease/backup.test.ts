import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { acquireLease } from '../../../lib/lease/acquire.ts';
import { holdsLease } from '../../../lib/lease/holds.ts';
import { releaseLease } from '../../../lib/lease/release.ts';
import { beginRun } from '../../../lib/runs/begin.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { loneRun } from '../../support/lone-run.ts';

let bucket: Bucket;
let passed = 0;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());
beforeEach(() => {
  passed = 0;
});

const START = Date.parse('2026-01-01T00:00:00Z');
const now = () => new Date(START + passed);
const arn = (name: string) => `arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-backup:${name}`;
const begin = (name: string, more: object = {}) => {
  bucket.executions.set(arn(name), { status: 'RUNNING' });
  const input = { database: 'carthub', requestedBy: 'a test', ...more };
  const start = { kind: 'backup' as const, run: name, execution: arn(name), startedAt: now().toISOString(), input };
  return beginRun(start, 'carthub');
};
const other = (kind: 'migrate' | 'restore', name: string) => {
  bucket.executions.set(arn(name), { status: 'RUNNING' });
  return { ...loneRun(name, { kind }), execution: arn(name) };
};
const acquire = (run: ReturnType<typeof begin>) => acquireLease({ ...bucket, run, now });
const release = (name: string) =>
  releaseLease({ documents: bucket.documents, database: 'carthub', execution: arn(name), dirty: null });

test('a night is named by its date where the schedule lives, and any other backup by its run', () => {
  const idOf = (more: object) => begin('own', more).backup?.id;
  expect(idOf({})).toBe('own');
  expect(idOf({ scheduled: '2026-11-22T02:00:00Z' })).toBe('night-2026-11-22');
  expect(idOf({ scheduled: '2026-11-22T23:30:00Z', timeZone: 'Europe/Berlin' })).toBe('night-2026-11-23');
  // The hour that comes twice
  for (const scheduled of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']) {
    expect(idOf({ scheduled, timeZone: 'Europe/Berlin' })).toBe('night-2026-10-25');
  }
});

test('what the schedule of the stack sends is the input of a backup', async () => {
  const rules = await readFile(join(import.meta.dirname, '../../../resources/rules.yml'), 'utf8');
  const [, sent = ''] = /Input: '(.*aws\.scheduler\.scheduled-time.*)'/.exec(rules) ?? [];
  const filled = sent
    .replace('<aws.scheduler.scheduled-time>', '2026-11-22T02:00:00Z')
    .replace('${sls:stage}', 'carthub')
    .replace('${self:custom.backup.timeZone}', 'UTC');
  expect(begin('by-schedule', JSON.parse(filled)).backup).toEqual({ id: 'night-2026-11-22', patience: 14_400 });
});

test.each([
  { scheduled: 'tonight' },
  { timeZone: 'Middle/Earth' },
  { patience: -1 },
  { patience: 1e9 },
  { image: '' },
  { database: 'another' },
])('%j is refused before anything is started', (wrong) => {
  expect(() => begin('wrong', wrong)).toThrow(expect.objectContaining({ name: 'InvalidInputError' }));
});

test('a backup waits for a migration as long as it was told, and a migration is told of a backup', async () => {
  await acquire(other('migrate', 'migration'));
  const patient = begin('patient', { patience: 60 });
  await expect(acquire(patient)).rejects.toMatchObject({ name: 'LeaseBusyError' });
  await expect(acquire(begin('hasty'))).rejects.toMatchObject({ name: 'LeaseHeldError' });
  passed = 60_000;
  await expect(acquire(patient)).rejects.toMatchObject({ name: 'LeaseHeldError' });
  await release('migration');
  await acquire(patient);
  await expect(acquire(other('migrate', 'later'))).rejects.toMatchObject({ name: 'LeaseHeldError' });
  await release('patient');
});

test('a restore takes the database from a backup, which knows that it lost it and cannot free it', async () => {
  const { documents } = bucket;
  const { token } = await acquire(begin('taken'));
  expect(await holdsLease(documents, 'carthub', arn('taken'))).toBe(true);
  const restore = other('restore', 'restore');
  const taken = await acquire(restore);
  expect(taken).toMatchObject({ token: token + 1, unsettled: { id: 'restore' } });
  expect(await holdsLease(documents, 'carthub', arn('taken'))).toBe(false);
  await expect(release('taken')).rejects.toMatchObject({ name: 'LeaseLostError' });
  await expect(acquire(begin('next'))).rejects.toMatchObject({ name: 'LeaseHeldError' });
  await release('restore');
  // One that is over is swept first, also for a restore: its Job may go on.
  await acquire(begin('dead'));
  bucket.executions.set(arn('dead'), { status: 'ABORTED' });
  await expect(acquire(restore)).rejects.toMatchObject({ name: 'LeaseAbandonedError' });
});
