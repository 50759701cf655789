import { rm } from 'node:fs/promises';
import {
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParametersCommand,
  DescribeDBSnapshotsCommand,
  DescribeEventsCommand,
  ModifyDBInstanceCommand,
  type RDSClient,
  RebootDBInstanceCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
} from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { NEW_INSTANCE, RdsUser } from './rds-user.ts';
import { newFolder, type RunningRds, startRds } from './with-rds.ts';

let folder: string;
let running: RunningRds;
let user: RdsUser;

beforeAll(async () => {
  folder = await newFolder();
  running = await startRds(folder);
  user = new RdsUser(running.endpoint.url, running.caFile);
  await user.create('carts', { AllocatedStorage: 30 });
});

afterAll(async () => {
  await running.stop();
  await rm(folder, { recursive: true });
});

const create = (identifier: string, input: object = {}) =>
  new CreateDBInstanceCommand({ DBInstanceIdentifier: identifier, ...NEW_INSTANCE, ...input });
const modify = (input: object) => new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'carts', ...input });

const PITR = { SourceDBInstanceIdentifier: 'carts', UseLatestRestorableTime: true };
const REFUSALS: [string, string, number, (client: RDSClient) => Promise<unknown>][] = [
  [
    'an unknown instance',
    'DBInstanceNotFoundFault',
    404,
    (client) => client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'x' })),
  ],
  [
    'an unknown instance to snapshot',
    'DBInstanceNotFoundFault',
    404,
    (client) => client.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'x', DBSnapshotIdentifier: 's' })),
  ],
  [
    'an unknown snapshot',
    'DBSnapshotNotFoundFault',
    404,
    (client) => client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: 'x' })),
  ],
  [
    'an unknown snapshot to restore',
    'DBSnapshotNotFoundFault',
    404,
    (client) =>
      client.send(new RestoreDBInstanceFromDBSnapshotCommand({ DBInstanceIdentifier: 'y', DBSnapshotIdentifier: 'x' })),
  ],
  [
    'an unknown resource id to restore',
    'DBInstanceAutomatedBackupNotFoundFault',
    404,
    (client) =>
      client.send(
        new RestoreDBInstanceToPointInTimeCommand({
          SourceDbiResourceId: 'db-X',
          TargetDBInstanceIdentifier: 'y',
          UseLatestRestorableTime: true,
        }),
      ),
  ],
  [
    'unknown automated backups',
    'DBInstanceAutomatedBackupNotFoundFault',
    404,
    (client) => client.send(new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId: 'db-X' })),
  ],
  ['a name that is taken', 'DBInstanceAlreadyExistsFault', 400, (client) => client.send(create('carts'))],
  [
    'a name that is taken, by a restore',
    'DBInstanceAlreadyExistsFault',
    400,
    (client) =>
      client.send(new RestoreDBInstanceToPointInTimeCommand({ ...PITR, TargetDBInstanceIdentifier: 'carts' })),
  ],
  [
    'an unknown parameter group',
    'DBParameterGroupNotFoundFault',
    404,
    (client) => client.send(create('y', { DBParameterGroupName: 'x' })),
  ],
  [
    'the parameters of an unknown group',
    'DBParameterGroupNotFoundFault',
    404,
    (client) => client.send(new DescribeDBParametersCommand({ DBParameterGroupName: 'x' })),
  ],
  ['another engine', 'InvalidParameterValue', 400, (client) => client.send(create('y', { Engine: 'mysql' }))],
  [
    'another version',
    'InvalidParameterCombination',
    400,
    (client) => client.send(create('y', { EngineVersion: '14.2' })),
  ],
  [
    'a password that RDS forbids',
    'InvalidParameterValue',
    400,
    (client) => client.send(create('y', { MasterUserPassword: 'with space' })),
  ],
  ['a short password', 'InvalidParameterValue', 400, (client) => client.send(modify({ MasterUserPassword: 'short' }))],
  [
    'a reserved master user',
    'InvalidParameterValue',
    400,
    (client) => client.send(create('y', { MasterUsername: 'rdsadmin' })),
  ],
  ['a name with two hyphens', 'InvalidParameterValue', 400, (client) => client.send(create('a--b'))],
  [
    'a retention of 36 days',
    'InvalidParameterValue',
    400,
    (client) => client.send(create('y', { BackupRetentionPeriod: 36 })),
  ],
  [
    'a page of ten',
    'InvalidParameterValue',
    400,
    (client) => client.send(new DescribeDBInstancesCommand({ MaxRecords: 10 })),
  ],
  [
    'a failover of a single instance',
    'InvalidParameterCombination',
    400,
    (client) => client.send(new RebootDBInstanceCommand({ DBInstanceIdentifier: 'carts', ForceFailover: true })),
  ],
  [
    'a deletion without a word on the final snapshot',
    'InvalidParameterCombination',
    400,
    (client) => client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'carts' })),
  ],
  [
    'a deletion with and without a final snapshot',
    'InvalidParameterCombination',
    400,
    (client) =>
      client.send(
        new DeleteDBInstanceCommand({
          DBInstanceIdentifier: 'carts',
          SkipFinalSnapshot: true,
          FinalDBSnapshotIdentifier: 'f',
        }),
      ),
  ],
  [
    'a parameter that is not implemented',
    'NotImplemented',
    501,
    (client) => client.send(create('y', { Domain: 'd-1' })),
  ],
  [
    'an operation that is not implemented',
    'NotImplemented',
    501,
    (client) => client.send(new DescribeEventsCommand({})),
  ],
];
const restore = (input: object) =>
  new RestoreDBInstanceToPointInTimeCommand({ ...PITR, TargetDBInstanceIdentifier: 'y', ...input });
const RESTORES: [string, string, object][] = [
  ['the baseline of gp3 as a choice', 'InvalidParameterCombination', { StorageType: 'gp3', Iops: 3000 }],
  ['IOPS, and so io1, for a small size', 'InvalidParameterCombination', { Iops: 3000 }],
  ['less storage than the source has', 'InvalidParameterCombination', { AllocatedStorage: 20 }],
  ['a zone for two zones', 'InvalidParameterCombination', { MultiAZ: true, AvailabilityZone: 'eu-west-1a' }],
  ['a managed password', 'InvalidParameterCombination', { ManageMasterUserPassword: true }],
  ['an unknown log', 'InvalidParameterValue', { EnableCloudwatchLogsExports: ['slow'] }],
  ['an unknown option group', 'OptionGroupNotFoundFault', { OptionGroupName: 'none' }],
  ['an unknown subnet group', 'DBSubnetGroupNotFoundFault', { DBSubnetGroupName: 'none' }],
  ['an unknown authority', 'CertificateNotFoundFault', { CACertificateIdentifier: 'none' }],
  ['a network of both kinds', 'NetworkTypeNotSupported', { NetworkType: 'DUAL' }],
  ['a license that is not PostgreSQL’s', 'NotImplemented', { LicenseModel: 'license-included' }],
];
test.each(RESTORES)('a restore with %s is refused with %s', async (_what, name, input) => {
  await expect(user.client.send(restore(input))).rejects.toMatchObject({ name });
});

test.each<[string, object]>([
  ['monitoring without a role', { MonitoringInterval: 60 }],
  ['advanced insights without saying how long', { DatabaseInsightsMode: 'advanced', EnablePerformanceInsights: true }],
  ['less storage', { AllocatedStorage: 20 }],
  ['a rotation of no secret', { RotateMasterUserPassword: true, ApplyImmediately: true }],
])('a change to %s is refused', async (_what, input) => {
  await expect(user.client.send(modify(input))).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
});

test.each(REFUSALS)('%s is refused with %s', async (_what, name, httpStatusCode, call) => {
  await expect(call(user.client)).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
});
