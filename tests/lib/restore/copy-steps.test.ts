import type { DBInstance, ServiceInputTypes } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { replaceDocument } from '../../../lib/documents/documents.ts';
import { DatabaseAuthenticationError } from '../../../lib/postgres/connect.ts';
import { applySettings } from '../../../lib/restore/apply-settings.ts';
import { checkRestorable } from '../../../lib/restore/check-restorable.ts';
import { readPlan } from '../../../lib/restore/documents.ts';
import { freeze } from '../../../lib/restore/freeze.ts';
import { readFreeze } from '../../../lib/restore/freeze-document.ts';
import { hydrateCopy } from '../../../lib/restore/hydrate.ts';
import { handedOver, servingAt, usualSeconds } from '../../../lib/restore/lineage.ts';
import { restoreBeside } from '../../../lib/restore/restore-beside.ts';
import { readSettings } from '../../../lib/restore/settings/document.ts';
import { capture } from '../../../lib/restore/settings/instance.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { rdsError, stubRds } from '../../support/rds-stub.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

const RUN = 'run-1';
const T = '2026-01-31T11:50:00.000Z';
const STARTED = '2026-01-31T12:00:00.000Z';
const NOW = new Date('2026-01-31T12:10:00.000Z');
const SOURCE: DBInstance = {
  ...{ DBInstanceIdentifier: 'shop-db', DBInstanceArn: 'arn:aws:rds:eu-west-1:1:db:shop-db', DbiResourceId: 'db-1' },
  ...{ DBInstanceStatus: 'available', Engine: 'postgres', EngineVersion: '15.18', DeletionProtection: true },
  ...{
    DBInstanceClass: 'db.m7g.large',
    AvailabilityZone: 'eu-west-1b',
    PreferredMaintenanceWindow: 'tue:04:00-tue:04:30',
  },
};
const COPY: DBInstance = {
  ...{ ...SOURCE, DBInstanceIdentifier: 'shop-db-restored', DBInstanceArn: 'arn:copy', DbiResourceId: 'db-2' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-ops', Status: 'active' }],
  TagList: [{ Key: 'carthub-db:run', Value: RUN }],
};

/** The documents of a restore whose copy is known or not. */
async function begin({ isMade = false, target = {} } = {}): Promise<void> {
  await replaceDocument(bucket.documents, keys.restore.plan(RUN), {
    ...{
      format: 1,
      run: RUN,
      database: 'carthub',
      order: { to: 'time', time: T },
      expected: null,
      expectedSeconds: null,
    },
    target: { time: T, snapshot: null, savedSnapshot: null, ...target },
    source: { resourceId: 'db-1', identifier: 'shop-db', groups: ['sg-shop'] },
    ...{ copy: { identifier: 'shop-db-restored' }, retired: { identifier: 'shop-db-retired' } },
    ...{ window: { earliest: null, latest: null }, follows: [], notes: [], madeAt: STARTED, digest: 'x' },
  });
  await replaceDocument(bucket.documents, keys.restore.settings(RUN), {
    ...{ format: 1, run: RUN, source: capture(SOURCE), backupTags: [], anyZone: false, compared: [] },
    copy: isMade ? { resourceId: 'db-2', identifier: 'shop-db-restored' } : null,
  });
}

/** RDS as it shows the copy (null: none) and answers a call that changes something (null: well). */
function rdsWith(copy: DBInstance | null, refusal: Error | null = null) {
  const asked: ServiceInputTypes[] = [];
  const answer = (input: ServiceInputTypes) => {
    asked.push(input);
    if (refusal) throw refusal;
    return {};
  };
  const { rds, calls } = stubRds({
    DescribeDBInstancesCommand: () => ({ DBInstances: copy ? [copy] : [] }),
    ...{ RestoreDBInstanceToPointInTimeCommand: answer, ModifyDBInstanceCommand: answer },
  });
  return { rds, calls, asked };
}

const login = {
  // With neither version of the secret, so that RDS is asked whether it has set the password.
  withInstance: () => Promise.reject(new DatabaseAuthenticationError('refused', { remedy: '' })),
  credentials: { open: async () => true, current: async () => ({ username: '', password: '' }) },
};
const progress = { startedAt: STARTED, done: false, waitSeconds: 5 };
const common = (rds: ReturnType<typeof rdsWith>['rds'], now = NOW) => ({
  ...{ rds, documents: bucket.documents, run: RUN, opsGroup: 'sg-ops', login, now },
});
const beside = (rds: ReturnType<typeof rdsWith>['rds'], now = NOW) => restoreBeside({ ...common(rds, now), progress });

test.each([
  ['failed', /another copy/],
  ['incompatible-restore', /moment/],
  ['incompatible-network', /subnets/],
  ['incompatible-parameters', /parameter group/],
  ['storage-full', /more storage/],
  ['inaccessible-encryption-credentials', /KMS/],
  ['restore-error', /another copy/],
  ['insufficient-capacity', /class/],
  ['stopped', /start-db-instance/],
  ['deleting', /Somebody/],
])('a copy that is %s is given up at once, and not after half an hour', async (DBInstanceStatus, remedy) => {
  await begin({ isMade: true });
  const { rds } = rdsWith({ ...COPY, DBInstanceStatus });
  await expect(beside(rds)).rejects.toMatchObject({ name: 'CopyFailedError', remedy: expect.stringMatching(remedy) });
});

test('what passes is waited for, longer as it gets older, and not for ever', async () => {
  await begin({ isMade: true });
  for (const DBInstanceStatus of ['creating', 'backing-up', 'modifying', 'configuring-log-exports', 'something-new']) {
    const { rds } = rdsWith({ ...COPY, DBInstanceStatus });
    expect(await beside(rds)).toMatchObject({ done: false, status: DBInstanceStatus, waitSeconds: 30 });
  }
  const { rds } = rdsWith({ ...COPY, DBInstanceStatus: 'creating' });
  const overdue = beside(rds, new Date('2026-02-02T12:00:00Z'));
  await expect(overdue).rejects.toMatchObject({ name: 'RestoreOverdueError' });
  const { rds: gone } = rdsWith(null);
  await expect(beside(gone)).rejects.toMatchObject({
    name: 'CopyFailedError',
    message: expect.stringContaining('gone'),
  });
});

test.each([
  'PointInTimeRestoreNotEnabledFault',
  'DBInstanceAutomatedBackupNotFoundFault',
  'InstanceQuotaExceededFault',
  'StorageQuotaExceededFault',
  'KMSKeyNotAccessibleFault',
  'DBSubnetGroupDoesNotCoverEnoughAZs',
  'DBParameterGroupNotFoundFault',
  'OptionGroupNotFoundFault',
  'CertificateNotFoundFault',
  'InvalidRestoreFault',
  'InvalidParameterCombination',
])('%s stays what it is: refused, with what a person has to do', async (name) => {
  await begin();
  const { rds } = rdsWith(null, rdsError(name));
  await expect(beside(rds)).rejects.toMatchObject({
    name: 'RestoreRefusedError',
    remedy: expect.stringMatching(/.{20}/),
  });
});

test('a call that comes too early, or to a busy instance, is made again later; throttling is for the workflow', async () => {
  const early = Object.assign(rdsError('InvalidParameterValue'), {
    message: 'cannot be restored to a time later than x',
  });
  for (const refusal of [early, rdsError('InvalidDBInstanceStateFault')]) {
    await begin();
    const { rds } = rdsWith(null, refusal);
    expect(await beside(rds)).toMatchObject({ done: false, resourceId: null });
  }
  const old = Object.assign(rdsError('InvalidParameterValue'), { message: 'to a time earlier than x' });
  await expect(beside(rdsWith(null, old).rds)).rejects.toMatchObject({ name: 'RestoreTargetError' });
  await expect(beside(rdsWith(null, rdsError('Throttling')).rds)).rejects.toMatchObject({ name: 'Throttling' });
});

test('a zone without capacity is left, once that is written down', async () => {
  await begin();
  const { rds, asked } = rdsWith(null, rdsError('InsufficientDBInstanceCapacityFault'));
  expect(await beside(rds)).toMatchObject({ done: false });
  expect((await readSettings(bucket.documents, RUN))?.anyZone).toBe(true);
  await beside(rds);
  expect(asked).toMatchObject([
    { AvailabilityZone: 'eu-west-1b' },
    { SourceDbiResourceId: 'db-1', RestoreTime: new Date(T) },
  ]);
  expect(asked[1]).not.toHaveProperty('AvailabilityZone', 'eu-west-1b');
});

test('a setting that does not take is given up by its name, and one that differs is named with both values', async () => {
  await begin({ isMade: true });
  const settled = { ...progress, quiet: 1 };
  const window = { ...COPY, PreferredMaintenanceWindow: 'mon:03:40-mon:04:10' };
  const { rds, asked } = rdsWith(window);
  const first = await applySettings({ ...common(rds), progress: { ...settled, taken: {} } });
  expect([asked.length, first.taken, first.done]).toEqual([1, { 'maintenance window': 1 }, false]);
  const tired = applySettings({ ...common(rds), progress: { ...settled, taken: { 'maintenance window': 3 } } });
  await expect(tired).rejects.toMatchObject({
    name: 'SettingsDifferError',
    message: expect.stringContaining('maintenance window'),
  });
  const busy = rdsWith(window, rdsError('InvalidDBInstanceStateFault'));
  expect((await applySettings({ ...common(busy.rds), progress: { ...settled, taken: {} } })).taken).toEqual({});
  const no = rdsWith(window, rdsError('InvalidParameterCombination'));
  await expect(applySettings({ ...common(no.rds), progress: { ...settled, taken: {} } })).rejects.toMatchObject({
    ...{ name: 'SettingsDifferError', message: expect.stringContaining('InvalidParameterCombination, says RDS') },
  });
  const throttled = applySettings({
    ...common(rdsWith(window, rdsError('Throttling')).rds),
    progress: { ...settled, taken: {} },
  });
  await expect(throttled).rejects.toMatchObject({ name: 'Throttling' });
  const smaller = rdsWith({ ...COPY, DBInstanceClass: 'db.t4g.micro', Endpoint: { Address: 'copy', Port: 5432 } });
  const different = applySettings({ ...common(smaller.rds), progress: { ...settled, taken: {} } });
  await expect(different).rejects.toMatchObject({
    ...{ name: 'SettingsDifferError', message: expect.stringContaining('"db.t4g.micro" and not "db.m7g.large"') },
  });
  const { compared = [] } = (await readSettings(bucket.documents, RUN)) ?? {};
  expect(compared.find(({ field }) => field === 'DBInstanceClass')).toMatchObject({ how: 'differs' });
});

test('nothing is changed or compared while something is under way, or was a moment ago', async () => {
  await begin({ isMade: true });
  for (const moving of [
    { DBInstanceStatus: 'modifying' },
    { PendingModifiedValues: { MultiAZ: true } },
    { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-ops', Status: 'adding' }] },
    { AssociatedRoles: [{ FeatureName: 's3Export', Status: 'PENDING' }] },
    { DBParameterGroups: [{ DBParameterGroupName: 'x', ParameterApplyStatus: 'applying' }] },
    { MasterUserSecret: { SecretStatus: 'creating' } },
  ]) {
    const { rds, calls } = rdsWith({ ...COPY, PreferredMaintenanceWindow: 'mon:03:40-mon:04:10', ...moving });
    const applied = await applySettings({ ...common(rds), progress: { ...progress, taken: {}, quiet: 1 } });
    expect({ moving, quiet: applied.quiet, calls }).toEqual({
      moving,
      quiet: 0,
      calls: ['DescribeDBInstancesCommand'],
    });
  }
  const { rds } = rdsWith(COPY);
  expect(await applySettings({ ...common(rds), progress: null })).toMatchObject({ done: false, quiet: 1 });
});

test('hydration is over when RDS says nothing of it any more, and is skipped when nobody wants it', async () => {
  await begin({ isMade: true });
  const loading = rdsWith({ ...COPY, StorageOperationStatus: 'Initializing', StorageOperationPercentProgress: 40 });
  const hydrate = (rds: typeof loading.rds, wanted = true) => hydrateCopy({ ...common(rds), wanted, progress });
  expect(await hydrate(loading.rds)).toMatchObject({ done: false, percent: 40 });
  expect(await hydrate(rdsWith(COPY).rds)).toMatchObject({ done: true, percent: 100 });
  const grown = { ...COPY, DBInstanceStatus: 'storage-optimization', StorageOperationStatus: 'Optimizing' };
  expect(await hydrate(rdsWith(grown).rds)).toMatchObject({ done: true });
  const { rds, calls } = rdsWith(COPY);
  expect([await hydrate(rds, false), calls]).toMatchObject([{ done: true, percent: null }, []]);
});

test('a freeze begins when RDS is done with its nightly backup, and the time that it may last begins no earlier', async () => {
  await begin();
  const { rds, calls } = rdsWith({ ...SOURCE, DBInstanceStatus: 'backing-up' });
  const withInstance = () => Promise.reject(new Error('Nobody is asked yet.'));
  const step = async (now: Date, progress: { clear: number; ended: number; busySince: string | null } | null) =>
    freeze({
      ...{ ...common(rds), withInstance, progress, now: () => now, maxFreezeSeconds: 600, isAutomatic: true },
      plan: await readPlan(bucket.documents, RUN),
    });
  const first = await step(NOW, null);
  expect(first).toMatchObject({ done: false, until: null, busySince: NOW.toISOString() });
  expect(await step(new Date(NOW.getTime() + 3_600_000), first)).toMatchObject({ busySince: first.busySince });
  expect([new Set(calls), await readFreeze(bucket.documents, RUN)]).toEqual([
    new Set(['DescribeDBInstancesCommand']),
    null,
  ]);
  await expect(step(new Date(NOW.getTime() + 7_300_000), first)).rejects.toMatchObject({ name: 'RestoreOverdueError' });
});

test('a target is restorable when the logs reach past it, and not at it', async () => {
  await begin();
  const check = (latest: string, now = NOW) => {
    const { rds } = rdsWith({ ...SOURCE, LatestRestorableTime: new Date(latest) });
    return checkRestorable({ ...common(rds, now), progress });
  };
  expect(await check(T)).toMatchObject({ done: false, latest: T });
  expect(await check('2026-01-31T11:50:01Z')).toMatchObject({ done: true });
  await expect(check(T, new Date('2026-01-31T14:00:00Z'))).rejects.toMatchObject({
    ...{ name: 'RestoreOverdueError', message: expect.stringContaining(`reach ${T}`) },
  });
});

test('the line of instances says whose logs a moment lies in, and what is written twice stands there once', () => {
  const old = { resourceId: 'db-1', identifier: 'shop-db', from: '2026-01-01T00:00:00.000Z' };
  const next = { ...old, resourceId: 'db-2', from: STARTED, until: null, run: RUN, seconds: 60 };
  const line = handedOver([], old, next);
  expect(line).toMatchObject([{ resourceId: 'db-1', until: STARTED, run: null }, next]);
  expect(handedOver(line, old, next)).toEqual(line);
  const third = { ...next, resourceId: 'db-3', from: '2026-02-01T00:00:00.000Z', seconds: 90 };
  const longer = handedOver(line, { ...old, resourceId: 'db-2' }, third);
  expect(longer.map(({ until }) => until)).toEqual([STARTED, third.from, null]);
  expect(
    ['2025-01-01', '2026-01-15', '2026-01-31T12:00:00Z', '2026-03-01'].map(
      (day) => servingAt(longer, new Date(day))?.resourceId,
    ),
  ).toEqual(['db-1', 'db-1', 'db-2', 'db-3']);
  expect([usualSeconds([]), usualSeconds(longer)]).toEqual([null, 90]);
});
