import { rm } from 'node:fs/promises';
import {
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBSnapshotsCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { keepDoing, writePairs } from './rds-ledger.ts';
import { RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder);
  user = new RdsUser(running.endpoint.url, running.caFile);
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

test('a snapshot that is taken under load is whole', async () => {
  await user.create('busy');
  await user.query('busy', 'grant pg_checkpoint to carthub');
  await user.query('busy', 'create table ledger (writer int, n int, amount bigint)');
  await user.query(
    'busy',
    `create table pages as select id, 0 as n, repeat('x', 400) as text from generate_series(1, 4000) as id`,
  );
  await user.query('busy', 'create index on pages (id)');
  const writer = await writePairs(user, 'busy', 1);
  const stopUpdates = await keepDoing(user, 'busy', (query) =>
    query('update pages set n = n + 1').then(() => undefined),
  );
  const stopCheckpoints = await keepDoing(user, 'busy', (query) => query('checkpoint').then(() => undefined));

  await user.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'busy', DBSnapshotIdentifier: 'under-load' }),
  );
  await user.available('busy');
  await Promise.all([writer.stop(), stopUpdates(), stopCheckpoints()]);
  await user.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'whole', DBSnapshotIdentifier: 'under-load' }),
  );
  await user.available('whole');

  const { DBSnapshots: [snapshot] = [] } = await user.client.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'under-load' }),
  );
  const time = snapshot?.SnapshotDatabaseTime?.getTime() ?? 0;
  const rows = new Set(await user.query('whole', 'select n from ledger where amount >= 0'));
  expect(writer.pairs.filter(({ n, done }) => done < time && !rows.has(n))).toEqual([]);
  expect(await user.query('whole', 'select sum(amount)::int from ledger')).toEqual([0]);
  expect(await user.query('whole', 'select count(distinct n)::int from pages')).toEqual([1]);
  expect(await user.query('whole', 'select count(*)::int from pages')).toEqual([4000]);
});

test('a snapshot holds what was committed when it was taken, and outlives its instance', async () => {
  await user.create('short', { BackupRetentionPeriod: 0 });
  await user.query('short', 'create table kept as select generate_series(1, 1000) as n');
  const { DBSnapshot: asked } = await user.client.send(
    new CreateDBSnapshotCommand({
      DBInstanceIdentifier: 'short',
      DBSnapshotIdentifier: 'before-the-end',
      Tags: [{ Key: 'run', Value: '1' }],
    }),
  );
  expect(asked).toMatchObject({ Status: 'creating', PercentProgress: 0, SnapshotType: 'manual' });
  expect(await user.statuses('short')).toEqual(['backing-up', 'available']);
  await user.query('short', 'insert into kept values (1001)');
  await user.client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'short', SkipFinalSnapshot: true }));

  const { DBInstance: restoring } = await user.client.send(
    new RestoreDBInstanceFromDBSnapshotCommand({
      DBInstanceIdentifier: 'from-snapshot',
      DBSnapshotIdentifier: 'before-the-end',
    }),
  );
  await user.available('from-snapshot');

  expect(restoring).toMatchObject({
    DBInstanceStatus: 'creating',
    BackupRetentionPeriod: 0,
    MasterUsername: 'carthub',
  });
  expect(await user.query('from-snapshot', 'select count(*)::int from kept')).toEqual([1000]);
  const { DBSnapshots: [snapshot] = [] } = await user.client.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'before-the-end' }),
  );
  expect(snapshot).toMatchObject({
    Status: 'available',
    PercentProgress: 100,
    TagList: [{ Key: 'run', Value: '1' }],
    SnapshotDatabaseTime: expect.any(Date),
  });
});
