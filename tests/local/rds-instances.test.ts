import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBSnapshotCommand,
  DescribeAccountAttributesCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSnapshotsCommand,
  ListTagsForResourceCommand,
  paginateDescribeDBParameters,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NEW_INSTANCE, RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;
let creation: string[];

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder, {
    parameterGroups: { 'carts-15': { 'rds.force_ssl': '0' } },
    quotas: { DBInstances: 6, ManualSnapshots: 30 },
  });
  user = new RdsUser(running.endpoint.url, running.caFile);
  await user.client.send(create('carts', { StorageEncrypted: true, Tags: [{ Key: 'team', Value: 'carts' }] }));
  creation = await user.statuses('carts');
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const create = (identifier: string, input: object = {}) =>
  new CreateDBInstanceCommand({ DBInstanceIdentifier: identifier, ...NEW_INSTANCE, ...input });

test('an instance passes through creating and backing-up before it is available', () => {
  expect(creation).toEqual(['creating', 'backing-up', 'available']);
});

test('an instance is described as RDS describes it', async () => {
  expect(await user.describe('carts')).toMatchObject({
    DBInstanceIdentifier: 'carts',
    DBInstanceArn: 'arn:aws:rds:eu-west-1:000000000000:db:carts',
    DbiResourceId: expect.stringMatching(/^db-[A-Z0-9]{26}$/),
    Engine: 'postgres',
    EngineVersion: expect.stringMatching(/^15\.\d+$/),
    DBInstanceStatus: 'available',
    MasterUsername: 'carthub',
    DBName: 'carthub',
    Endpoint: { Address: '127.0.0.1', Port: expect.any(Number) },
    BackupRetentionPeriod: 1,
    StorageEncrypted: true,
    LatestRestorableTime: expect.any(Date),
    DBParameterGroups: [{ DBParameterGroupName: 'default.postgres15', ParameterApplyStatus: 'in-sync' }],
    TagList: [{ Key: 'team', Value: 'carts' }],
  });
});

test('instances are found by name, ARN and filters', async () => {
  const { DbiResourceId = '', DBInstanceArn } = await user.describe('carts');
  const found = async (input: object) => {
    const { DBInstances = [] } = await user.client.send(new DescribeDBInstancesCommand(input));
    return DBInstances.map(({ DBInstanceIdentifier }) => DBInstanceIdentifier);
  };

  expect(await found({ DBInstanceIdentifier: 'CARTS' })).toEqual(['carts']);
  expect(await found({ DBInstanceIdentifier: DBInstanceArn })).toEqual(['carts']);
  expect(await found({ Filters: [{ Name: 'dbi-resource-id', Values: [DbiResourceId] }] })).toEqual(['carts']);
  expect(await found({ Filters: [{ Name: 'db-instance-id', Values: ['carts', 'other'] }] })).toEqual(['carts']);
  expect(await found({ Filters: [{ Name: 'dbi-resource-id', Values: ['db-OTHER'] }] })).toEqual([]);
  await expect(found({ Filters: [{ Name: 'colour', Values: ['red'] }] })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
});

test('snapshots are listed by instance, kind and filters', async () => {
  await user.client.send(
    new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'carts', DBSnapshotIdentifier: 'by-hand' }),
  );
  await user.available('carts');
  const found = async (input: object) => {
    const { DBSnapshots = [] } = await user.client.send(new DescribeDBSnapshotsCommand(input));
    return DBSnapshots.map(({ DBSnapshotIdentifier }) => DBSnapshotIdentifier);
  };
  const automated = expect.stringMatching(/^rds:carts-\d{4}-\d\d-\d\d-\d\d-\d\d$/);

  expect(await found({})).toEqual(['by-hand', automated]);
  expect(await found({ SnapshotType: 'manual' })).toEqual(['by-hand']);
  expect(await found({ SnapshotType: 'automated', DBInstanceIdentifier: 'carts' })).toEqual([automated]);
  expect(await found({ DBInstanceIdentifier: 'other' })).toEqual([]);
  expect(await found({ Filters: [{ Name: 'snapshot-type', Values: ['manual'] }] })).toEqual(['by-hand']);
  await expect(
    user.client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'carts', DBSnapshotIdentifier: 'by-hand' })),
  ).rejects.toMatchObject({ name: 'DBSnapshotAlreadyExistsFault' });
});

test('a deleted snapshot and its data are gone', async () => {
  const { DBSnapshot } = await user.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'by-hand' }));

  expect(DBSnapshot?.Status).toBe('deleted');
  await expect(
    user.client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'by-hand' })),
  ).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  expect((await readdir(join(folder, 'rds', 'snapshots'))).filter((name) => /^by-hand(\.|$)/.test(name))).toEqual([]);
});

test('parameters come in pages, rds.force_ssl on a later one, with what the group sets', async () => {
  const read = async (group: string) => {
    const found = new Map<string, string | undefined>();
    let pageOf = 0;
    let pages = 0;
    for await (const page of paginateDescribeDBParameters({ client: user.client }, { DBParameterGroupName: group })) {
      pages += 1;
      for (const { ParameterName = '', ParameterValue } of page.Parameters ?? []) {
        found.set(ParameterName, ParameterValue);
        if (ParameterName === 'rds.force_ssl') pageOf = pages;
      }
    }
    return { found, pageOf };
  };

  const standard = await read('default.postgres15');
  expect(standard.found.size).toBeGreaterThan(300);
  expect(standard.pageOf).toBeGreaterThan(1);
  expect(standard.found.get('rds.force_ssl')).toBe('1');
  expect((await read('carts-15')).found.get('rds.force_ssl')).toBe('0');
});

test('parameter groups are listed, and found by name', async () => {
  const { DBParameterGroups } = await user.client.send(new DescribeDBParameterGroupsCommand({}));
  expect(DBParameterGroups).toMatchObject([
    { DBParameterGroupName: 'carts-15', DBParameterGroupFamily: 'postgres15' },
    { DBParameterGroupName: 'default.postgres15' },
  ]);
  const unknown = new DescribeDBParameterGroupsCommand({ DBParameterGroupName: 'x' });
  await expect(user.client.send(unknown)).rejects.toMatchObject({ name: 'DBParameterGroupNotFoundFault' });
});

test('tags can be added, replaced, removed and listed', async () => {
  const ResourceName = 'arn:aws:rds:eu-west-1:000000000000:db:carts';
  await user.client.send(
    new AddTagsToResourceCommand({
      ResourceName,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    }),
  );
  await user.client.send(new AddTagsToResourceCommand({ ResourceName, Tags: [{ Key: 'team', Value: '3' }] }));
  await user.client.send(new RemoveTagsFromResourceCommand({ ResourceName, TagKeys: ['b'] }));

  const { TagList } = await user.client.send(new ListTagsForResourceCommand({ ResourceName }));
  expect(TagList).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'team', Value: '3' },
  ]);
});

test('quotas are counted and kept', async () => {
  const { AccountQuotas = [] } = await user.client.send(new DescribeAccountAttributesCommand({}));
  const quota = (name: string) => AccountQuotas.find(({ AccountQuotaName }) => AccountQuotaName === name);
  expect(quota('DBInstances')).toMatchObject({ Used: 1, Max: 6 });
  expect(quota('ManualSnapshots')).toMatchObject({ Used: 0, Max: 30 });
});
