import { rm } from 'node:fs/promises';
import {
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBSnapshotsCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { until } from '../support/until.ts';
import { writePairs } from './rds-ledger.ts';
import { RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder);
  user = new RdsUser(running.endpoint.url, running.caFile);
  await user.create('source', { BackupRetentionPeriod: 7, DBParameterGroupName: 'default.postgres15' });
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

test('a point in time is restored under load: what was committed before is there, what came after is not', async () => {
  await user.query('source', 'create table ledger (writer int, n int, amount bigint)');
  const writers = await Promise.all([1, 2, 3].map((writer) => writePairs(user, 'source', writer)));
  await Promise.all(writers.map((writer) => writer.wrote(50)));
  const target = new Date((Math.floor(Date.now() / 1000) + 2) * 1000);
  const restore = new RestoreDBInstanceToPointInTimeCommand({
    SourceDBInstanceIdentifier: 'source',
    TargetDBInstanceIdentifier: 'restored',
    RestoreTime: target,
  });

  await expect(user.client.send(restore)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  await user.until('source', ({ LatestRestorableTime }) => (LatestRestorableTime ?? 0) > target);
  const { DBInstance: accepted } = await user.client.send(restore);
  const before = writers.map(({ pairs }) => pairs.length);
  await user.available('restored');
  await Promise.all(writers.map((writer, each) => writer.wrote((before[each] ?? 0) + 1)));
  await Promise.all(writers.map((writer) => writer.stop()));

  expect(accepted?.DBInstanceStatus).toBe('creating');
  for (const [each, { pairs }] of writers.entries()) {
    const rows = await user.query('restored', `select n from ledger where writer = ${each + 1} and amount >= 0`);
    const found = new Set(rows);
    const lost = pairs.filter(({ n, done }) => done < target.getTime() && !found.has(n));
    const tooLate = pairs.filter(({ n, begun }) => begun > target.getTime() && found.has(n));
    expect(found.size).toBeGreaterThanOrEqual(50);
    expect({ lost, tooLate }).toEqual({ lost: [], tooLate: [] });
    expect(pairs.length).toBeGreaterThan(found.size);
  }
  expect(await user.query('restored', 'select sum(amount)::int from ledger')).toEqual([0]);
  await user.query('restored', 'insert into ledger values (9, 9, 9)');
  expect(await user.query('source', 'select count(*)::int from ledger where writer = 9')).toEqual([0]);
});

test('the latest restorable time lags behind and moves on also when nobody writes', async () => {
  const first = await user.describe('source');
  expect(first.LatestRestorableTime?.getTime()).toBeLessThan(Date.now());

  const later = await user.until('source', ({ LatestRestorableTime = new Date(0) }) => {
    return LatestRestorableTime > (first.LatestRestorableTime ?? new Date());
  });

  expect(later.LatestRestorableTime?.getTime()).toBeLessThan(Date.now());
});

test('the platform’s own commits are nowhere in the customer’s database', async () => {
  const tables = await user.query(
    'source',
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  expect(tables).toEqual(['ledger']);
});

test('a time before the first backup is refused, and both or none of the two ways to say when', async () => {
  const input = { SourceDBInstanceIdentifier: 'source', TargetDBInstanceIdentifier: 'other' };
  const send = (more: object) => user.client.send(new RestoreDBInstanceToPointInTimeCommand({ ...input, ...more }));

  await expect(send({ RestoreTime: new Date(Date.now() - 3_600_000) })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
  await expect(send({ RestoreTime: new Date(), UseLatestRestorableTime: true })).rejects.toMatchObject({
    name: 'InvalidParameterCombination',
  });
  await expect(send({})).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});

test('a deleted instance whose automated backups were kept is restored by its resource id', async () => {
  const { DbiResourceId } = await user.create('gone');
  await user.query('gone', `create table last as select 'word' as word`);
  await user.client.send(
    new DeleteDBInstanceCommand({
      DBInstanceIdentifier: 'gone',
      SkipFinalSnapshot: true,
      DeleteAutomatedBackups: false,
    }),
  );
  await user.deleted('gone');
  const { DBInstanceAutomatedBackups: [backup] = [] } = await user.client.send(
    new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId }),
  );
  expect(backup).toMatchObject({ Status: 'retained', RestoreWindow: { LatestTime: expect.any(Date) } });
  await user.client.send(
    new RestoreDBInstanceToPointInTimeCommand({
      SourceDbiResourceId: DbiResourceId,
      TargetDBInstanceIdentifier: 'risen',
      UseLatestRestorableTime: true,
    }),
  );
  await user.available('risen');

  expect(await user.query('risen', 'select word from last')).toEqual(['word']);
});

test('a new backup is taken every day, and what no time within the retention needs goes', async () => {
  const DAY = 86_400_000;
  let days = 0;
  const own = await newFolder();
  const cloud = await startRds(own, { now: () => new Date(Date.now() + days * DAY) });
  try {
    const carts = new RdsUser(cloud.endpoint.url, cloud.caFile);
    await carts.create('carts', { BackupRetentionPeriod: 1 });
    await carts.query('carts', `create table word as select 'first' as word`);
    const backups = (wanted: (names: string[]) => boolean) =>
      until('the automated backup', async () => {
        const { DBSnapshots = [] } = await carts.client.send(
          new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'carts', SnapshotType: 'automated' }),
        );
        const done = DBSnapshots.filter(({ Status }) => Status === 'available');
        const names = done.map(({ DBSnapshotIdentifier = '' }) => DBSnapshotIdentifier);
        return wanted(names) && names;
      });
    const [first = ''] = await backups(({ length }) => length === 1);
    const early = new Date(Math.ceil(Date.now() / 1000) * 1000);
    await carts.until('carts', ({ LatestRestorableTime: time = new Date(0) }) => time > early);

    days = 1.1;
    await backups(({ length }) => length === 2);
    await carts.available('carts');
    await carts.query('carts', `update word set word = 'second'`);
    await carts.client.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'carts',
        TargetDBInstanceIdentifier: 'yesterday',
        RestoreTime: early,
      }),
    );
    await carts.available('yesterday');
    expect(await carts.query('yesterday', 'select word from word')).toEqual(['first']);

    days = 2.2;
    expect(await backups((names) => !names.includes(first))).toHaveLength(2);
  } finally {
    await cloud.stop();
    await rm(own, { recursive: true });
  }
});
