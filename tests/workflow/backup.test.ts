import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { acquireLease } from '../../lib/lease/acquire.ts';
import { releaseLease } from '../../lib/lease/release.ts';
import { runCli, startTestCloud, type TestCloud } from '../support/cloud.ts';
import { lastExecution, settled } from '../support/execution.ts';
import { loneRun } from '../support/lone-run.ts';
import { type Nights, openNights } from '../support/nights.ts';
import { withPgTools } from '../support/pg-tools.ts';
import { jobNames, podProcess } from '../support/pod.ts';
import { until } from '../support/until.ts';

const FIRST = { '001.do.carts.sql': 'create table carts (id serial primary key, total int not null);\n' };

withPgTools('nights through the workflow', () => {
  let cloud: TestCloud;
  let nights: Nights;
  beforeAll(async () => {
    // Fires when the cloud starts, and not again for a while.
    cloud = await startTestCloud({ params: { backupSchedule: 'rate(1 day)' } });
    nights = openNights(cloud);
    const early = await settled(cloud, await lastExecution(cloud, 'backup'));
    expect(early).toMatchObject({ outcome: 'FailedBackup', requestedBy: 'the schedule' });
    // Nobody has migrated yet.
    expect(early.error?.name).toBe('BackupImageMissingError');
    expect(await cloud.migrate(FIRST)).toMatchObject({ exit: 0 });
    await cloud.query('insert into carts (total) select n from generate_series(1, 1000) n');
  }, 120_000);
  afterAll(async () => {
    nights?.close();
    await cloud?.stop();
  });

  const lease = () => cloud.document('leases/carthub.json');
  const ofNight = async (date: string) =>
    (await nights.keys()).filter((key) => key.startsWith(`backups/night-${date}/`));

  test('a night makes a backup with the image of the last migration, reads it back, and says what it holds, though every step runs twice', async () => {
    await cloud.arm({ service: 'lambda', operation: 'Invoke', mode: 'twice', times: 30 });
    const record = await settled(cloud, await nights.start('first', { scheduled: '2026-03-28T02:00:00Z' }));
    expect(record).toMatchObject({
      ...{ outcome: 'BackedUp', kind: 'backup', error: null, version: { after: 1 }, requestedBy: 'the schedule' },
      backup: { id: 'night-2026-03-28', by: 'first', verified: { result: 'verified' } },
    });
    expect(record.backup?.rows).toBeGreaterThanOrEqual(1001);
    expect(await ofNight('2026-03-28')).toEqual([
      'backups/night-2026-03-28/first/dump-0001',
      'backups/night-2026-03-28/first/globals.sql',
      'backups/night-2026-03-28/first/schema.txt',
      'backups/night-2026-03-28/manifest.json',
      'backups/night-2026-03-28/verified.json',
    ]);
  }, 120_000);

  test('a schedule that fires twice, also by clocks that are put on meanwhile, makes one backup', async () => {
    const before = await nights.keys();
    // 22:30 on the 28th in London is the same night as 02:00; an hour later it is the 29th in Berlin.
    const again = { scheduled: '2026-03-28T22:30:00Z', timeZone: 'Europe/London' };
    const record = await settled(cloud, await nights.start('second', again));
    expect(record).toMatchObject({ outcome: 'BackedUp', backup: { id: 'night-2026-03-28', by: 'first' } });
    expect(await nights.keys()).toEqual(before);
    expect((await jobNames(cloud)).filter((name) => /^(backup|verify)-/.test(name))).toHaveLength(2);
  }, 120_000);

  test('a person gets the truth of a backup besides, and whoever asks twice at once is told who has the database', async () => {
    const uploading = await nights.hold({ mode: 'late', afterMs: 2_000 });
    const [made, refused] = await Promise.all([
      cloud.cli('backup'),
      uploading().then(async () => nights.outcome(await nights.start('refused'))),
    ]);
    expect(made).toMatchObject({
      ...{ exit: 0, stderr: expect.stringMatching(/read back in full in/) },
      json: { outcome: 'BackedUp', backup: { objects: 3, verified: { result: 'verified' } }, error: null },
    });
    expect(refused).toMatchObject({ outcome: 'Refused', backup: null, error: { name: 'LeaseHeldError' } });
  }, 120_000);

  test('a migration and a backup never meet: a night waits, and one that may not is recorded as not run', async () => {
    const slow = { ...FIRST, '002.do.slow.sql': 'select pg_sleep(4);\ncreate table later (id int);\n' };
    const migrating = cloud.migrate(slow);
    await until('the migration', async () => /"kind":"migrate"/.test(JSON.stringify(await lease())));
    const waiting = await nights.start('waits', { scheduled: '2026-03-30T02:00:00Z', patience: 600 });
    const refused = await nights.outcome(await nights.start('cannot', { scheduled: '2026-03-31T02:00:00Z' }));
    expect(refused).toMatchObject({
      ...{ outcome: 'Refused', kind: 'backup' },
      error: { name: 'LeaseHeldError', message: expect.stringContaining('migrate') },
    });
    expect(await ofNight('2026-03-31')).toEqual([]);
    expect(await migrating).toMatchObject({ exit: 0 });
    expect(await settled(cloud, waiting)).toMatchObject({ outcome: 'BackedUp', version: { after: 2 } });
  }, 120_000);

  test('a pod that is killed makes no backup, leaves nothing open, and the next night works', async () => {
    const uploading = await nights.hold();
    const execution = await nights.start('killed', { scheduled: '2026-04-01T02:00:00Z' });
    await uploading();
    process.kill(await podProcess(cloud), 'SIGKILL');
    const record = await settled(cloud, execution);
    expect(record).toMatchObject({ outcome: 'FailedBackup', backup: null, error: { name: 'JobFailedError' } });
    expect(record.error?.message).toContain('137');
    expect(await nights.openUploads()).toBe(0);
    expect(await ofNight('2026-04-01')).not.toContain('backups/night-2026-04-01/manifest.json');
    const next = await settled(cloud, await nights.start('after', { scheduled: '2026-04-01T02:00:00Z' }));
    expect(next).toMatchObject({ outcome: 'BackedUp', backup: { by: 'after' } });
  }, 120_000);

  test('a root that is stopped leaves its night to the sweeper, which ends the Job, tells the outcome and frees the lease', async () => {
    const uploading = await nights.hold();
    const execution = await nights.start('stopped', { scheduled: '2026-04-02T02:00:00Z' });
    await uploading();
    const pod = await podProcess(cloud);
    await cloud.sfn.send(new StopExecutionCommand({ executionArn: execution, error: 'StoppedByHand' }));
    expect(await settled(cloud, execution)).toMatchObject({
      ...{ outcome: 'FailedBackup', kind: 'backup', backup: null },
      error: { name: 'StoppedByHand' },
    });
    expect(() => process.kill(pod, 0)).toThrow('ESRCH');
    expect(await nights.openUploads()).toBe(0);
  }, 120_000);

  test('a restore takes the database from a backup, which ends itself and keeps the lease from nobody', async () => {
    const uploading = await nights.hold();
    const execution = await nights.start('preempted', { scheduled: '2026-04-03T02:00:00Z' });
    await uploading();
    const restore = {
      ...loneRun('restoring', { kind: 'restore' }),
      execution: execution.replaceAll('backup', 'restore'),
    };
    const { documents } = nights;
    await acquireLease({ documents, sfn: cloud.sfn, run: restore, now: () => new Date() });
    expect(await nights.outcome(execution)).toMatchObject({
      ...{ outcome: 'FailedBackup', backup: null },
      error: { name: 'BackupPreemptedError' },
    });
    expect(await lease()).toMatchObject({ holder: { kind: 'restore' } });
    expect(await nights.openUploads()).toBe(0);
    await releaseLease({ documents, database: 'carthub', execution: restore.execution, dirty: null });
  }, 120_000);

  test('a backup that was written over since is found by reading it, and does not count', async () => {
    await nights.overwrite('backups/night-2026-03-28/first/dump-0001', 'PGDMP of somebody else');
    const verified = await cloud.document('backups/night-2026-03-28/verified.json');
    await nights.overwrite(
      'backups/night-2026-03-28/verified.json',
      JSON.stringify({ ...Object(verified), manifest: '' }),
    );
    const record = await settled(cloud, await nights.start('damaged', { scheduled: '2026-03-28T02:00:00Z' }));
    expect(record).toMatchObject({
      ...{ outcome: 'FailedVerification', error: { name: 'BackupDamagedError' } },
      backup: { verified: { result: 'damaged' } },
    });
  }, 120_000);

  test('what S3 does not allow is named, so is a machine without pg_dump, and nothing is left', async () => {
    const before = await nights.keys();
    await nights.version('Suspended');
    const unversioned = await settled(cloud, await nights.start('unversioned'));
    await nights.version('Enabled');
    const refused = { service: 's3', operation: 'CreateMultipartUpload', mode: 'fail-before' };
    await cloud.arm({ ...refused, code: 'AccessDenied', status: 403 });
    const denied = await settled(cloud, await nights.start('denied'));
    await cloud.arm({ ...refused, code: 'KMS.DisabledException', status: 400 });
    const disabled = await settled(cloud, await nights.start('disabled'));
    const without = await runCli(['backup', '--local', '--data', cloud.data, '--json'], { PG_BIN: '/nowhere' });
    const remedy = expect.stringContaining('postgresql-client-15');
    expect(without).toMatchObject({
      ...{ exit: 9, json: { outcome: 'FailedBackup', error: { name: 'BackupToolMissingError', remedy } } },
    });
    expect([unversioned, denied, disabled].map(({ outcome, error }) => [outcome, error?.name])).toEqual([
      ['FailedBackup', 'BackupBucketError'],
      ['FailedBackup', 'BackupPermissionError'],
      ['FailedBackup', 'EncryptionKeyError'],
    ]);
    expect(await nights.keys()).toEqual(before);
  }, 120_000);
});
