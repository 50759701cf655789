import { DescribeDBInstancesCommand } from '@aws-sdk/client-rds';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readBackups } from '../../cli/backups/read.ts';
import { drillsKey } from '../../lib/backups/drill-record.ts';
import { backupKeys } from '../../lib/backups/keys.ts';
import { findManifest } from '../../lib/backups/manifest.ts';
import { retentionKey } from '../../lib/backups/retention-record.ts';
import { DRILL_TAG } from '../../lib/drills/tags.ts';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { withPgTools } from '../support/pg-tools.ts';
import { until } from '../support/until.ts';

withPgTools('a backup is made, drilled, restored beside, damaged and found', () => {
  let cloud: TestCloud;
  let s3: S3Client;
  let bucket: string;
  beforeAll(async () => {
    cloud = await startTestCloud();
    const { endpoint, region, account, accessKeyId, secretAccessKey } = cloud.cloud;
    s3 = new S3Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    bucket = `carthub-db-carthub-${account}-${region}`;
    expect(await cloud.migrate(FILES)).toMatchObject({ exit: 0 });
    await cloud.query('insert into carts (total) select n from generate_series(1, 1000) n');
    const made = await cloud.cli('backup');
    expect(made).toMatchObject({ exit: 0, stderr: expect.any(String), json: { outcome: 'BackedUp' } });
    backup = String(made.json.run);
  }, 180_000);
  afterAll(async () => {
    s3?.destroy();
    await cloud?.stop();
  });

  let backup: string;
  const FILES = { '001.do.carts.sql': 'create table carts (id serial primary key, total int not null);\n' };
  const listed = async (id: string) =>
    (await readBackups({ s3, bucket }, 'carthub', new Date())).backups.find((one) => one.id === id);
  const instances = async () =>
    ((await cloud.rds.send(new DescribeDBInstancesCommand({}))).DBInstances ?? []).filter(
      ({ DBInstanceStatus }) => DBInstanceStatus !== 'deleting',
    );
  const names = async () => (await instances()).map(({ DBInstanceIdentifier }) => DBInstanceIdentifier);
  const lease = () => cloud.document('leases/carthub.json');

  test('what had expired was looked at after the backup, by the policy of the stack', async () => {
    expect(await cloud.document(retentionKey('carthub'))).toMatchObject({
      ...{ blocked: null, expired: [], refused: [] },
      policy: { days: 7, weeks: 4, months: 6, orphanDays: 3, timeZone: 'UTC' },
    });
  });

  test('a drill restores the newest backup into an instance of its own, records how long that took, and leaves nothing', async () => {
    const before = await lease();
    const drilled = await cloud.cli('drill');
    expect(drilled).toMatchObject({ exit: 0, stderr: expect.any(String), json: { outcome: 'Drilled', error: null } });
    expect(await lease()).toEqual(before);
    expect(await names()).toEqual(['carthub-db']);
    const entry = await listed(backup);
    expect(entry).toMatchObject({ verified: 'yes', drill: { result: 'drilled', run: drilled.json.run, findings: [] } });
    expect(entry?.drill?.restoreMs).toBeGreaterThan(0);
    expect(entry?.drill?.instanceMs).toBeGreaterThan(0);
    expect(await cloud.document(drillsKey('carthub'))).toMatchObject({
      ...{ last: { backup }, digests: [entry?.manifest.schema.digest] },
    });
  }, 120_000);

  test('the schedule drills when one is due, and not before', async () => {
    const input = { database: 'carthub', when: 'due', everyDays: 7, requestedBy: 'the schedule' };
    const { region, account } = cloud.cloud;
    const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-drill`;
    const { executionArn } = await cloud.sfn.send(
      new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
    );
    const { status, output } = await until('its end', async () => {
      const found = await cloud.sfn.send(new DescribeExecutionCommand({ executionArn }));
      return found.status !== 'RUNNING' && found;
    });
    expect([status, JSON.parse(output ?? '{}').drill]).toEqual(['SUCCEEDED', expect.objectContaining({ due: false })]);
  }, 60_000);

  test('a drill that is cut off leaves an instance, which the next one removes; that of an instance with a name stays', async () => {
    const { region, account } = cloud.cloud;
    const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-drill`;
    const input = JSON.stringify({ database: 'carthub', requestedBy: 'a test' });
    const { executionArn } = await cloud.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    await until('an instance', async () => (await names()).length === 2);
    await cloud.sfn.send(new StopExecutionCommand({ executionArn }));
    await until('it is made', async () =>
      (await instances()).every(({ DBInstanceStatus }) => DBInstanceStatus === 'available'),
    );
    const cut = (await instances()).find(({ DBInstanceIdentifier = '' }) => DBInstanceIdentifier !== 'carthub-db');
    expect(cut).toMatchObject({
      ...{ DBInstanceClass: 'db.m7g.large', StorageEncrypted: true, BackupRetentionPeriod: 0, MultiAZ: false },
      DBParameterGroups: [expect.objectContaining({ DBParameterGroupName: 'carthub-postgres15' })],
      MasterUserSecret: expect.objectContaining({ SecretStatus: 'active' }),
    });
    const restored = await cloud.cli('restore', '--backup', backup, '--into', 'carthub-db-audit');
    expect(restored).toMatchObject({ exit: 0, stderr: expect.any(String), json: { outcome: 'Restored' } });
    expect((await names()).toSorted()).toEqual(['carthub-db', 'carthub-db-audit']);
    const stopped = executionArn?.split(':').at(-1);
    expect(await cloud.document(`runs/${stopped}.json`)).toMatchObject({ outcome: 'DrillFailed' });
    const kept = (await instances()).find(({ DBInstanceIdentifier }) => DBInstanceIdentifier === 'carthub-db-audit');
    expect(kept?.TagList?.map(({ Key }) => Key)).not.toContain(DRILL_TAG);
  }, 180_000);

  test('a backup that was changed since fails its drill by name, and the list says so', async () => {
    const key = (await findManifest({ s3, bucket }, backup))?.value.dump[0]?.key ?? '';
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'PGDMP' }));
    const failed = await cloud.cli('drill', backup);
    expect([failed.exit, failed.json.outcome, failed.json.error?.name]).toEqual([
      ...[3, 'DrillFailed', expect.stringMatching(/^(RestoreFailedError|BackupDamagedError)$/)],
    ]);
    expect(await cloud.document(backupKeys.drilled(backup))).toMatchObject({ result: 'failed' });
    expect(await listed(backup)).toMatchObject({ verified: 'changed', drill: { result: 'failed' } });
    expect((await names()).toSorted()).toEqual(['carthub-db', 'carthub-db-audit']);
    const refused = await cloud.cli('drill');
    expect([refused.exit, refused.json.error?.name]).toEqual([7, 'DrillRefusedError']);
  }, 120_000);
});
