import type { DBInstance, Parameter } from '@aws-sdk/client-rds';
import { expect, test } from '@jest/globals';
import { checkInstance } from '../../../lib/rds/check-instance.ts';
import { rdsError, stubRds } from '../../support/rds-stub.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

const GOOD: DBInstance = {
  ...{ DBInstanceIdentifier: 'shop-db', DbiResourceId: 'db-1', DBInstanceStatus: 'available', AllocatedStorage: 500 },
  ...{ BackupRetentionPeriod: 7, StorageEncrypted: true, LatestRestorableTime: minutesAgo(5) },
  DBParameterGroups: [{ DBParameterGroupName: 'shop' }],
};
const FORCED: Parameter[] = [{ ParameterName: 'rds.force_ssl', ParameterValue: '1' }];
const QUOTAS = { DBInstances: [3, 40], ManualSnapshots: [99, 100], AllocatedStorage: [99_500, 100_000] };

type World = { instance: DBInstance; parameters: Parameter[][]; quotas: Record<string, number[]> };

function check(changes: Partial<World>) {
  const { instance, parameters, quotas } = { instance: GOOD, parameters: [FORCED], quotas: QUOTAS, ...changes };
  const { rds } = stubRds({
    DescribeDBInstancesCommand: () => ({ DBInstances: [instance] }),
    DescribeDBParametersCommand: (input) => {
      const page = 'Marker' in input ? Number(input.Marker ?? 0) : 0;
      const next = page + 1 < parameters.length ? { Marker: `${page + 1}` } : {};
      return { Parameters: parameters[page] ?? [], ...next };
    },
    DescribeAccountAttributesCommand: () => ({
      AccountQuotas: Object.entries(quotas).map(([AccountQuotaName, [Used = 0, Max = 0]]) => ({
        ...{ AccountQuotaName, Used, Max },
      })),
    }),
  });
  return checkInstance({ rds, identifier: instance.DBInstanceIdentifier ?? '', now: NOW });
}

test('an instance that could be restored passes, also when TLS is said on a later page', async () => {
  const good = { identifier: 'shop-db', resourceId: 'db-1' };
  expect(await check({})).toEqual(good);
  expect(await check({ parameters: [[{ ParameterName: 'work_mem' }], FORCED] })).toEqual(good);
  expect(await check({ instance: { ...GOOD, LatestRestorableTime: minutesAgo(19) } })).toEqual(good);
});

const withDate = (LatestRestorableTime: Date): DBInstance => ({ ...GOOD, LatestRestorableTime });
const { LatestRestorableTime: _, ...neverBackedUp } = GOOD;
const full = (name: string, used: number, max: number) => ({ quotas: { ...QUOTAS, [name]: [used, max] } });

test.each<[string, Partial<World>, string, string]>([
  ['is being modified', { instance: { ...GOOD, DBInstanceStatus: 'modifying' } }, 'NotAvailable', 'modifying'],
  ['keeps no backups', { instance: { ...GOOD, BackupRetentionPeriod: 0 } }, 'NotRestorable', 'no automated backups'],
  [
    'ships its log late',
    { instance: withDate(minutesAgo(21)) },
    'NotRestorable',
    '2026-01-01T11:39:00.000Z, 21 minutes',
  ],
  [
    'has a name with no room for another after it',
    { instance: { ...GOOD, DBInstanceIdentifier: 'a'.repeat(41) } },
    ...(['NotRestorable', '41 characters'] as const),
  ],
  ['was never backed up', { instance: neverBackedUp }, 'NotRestorable', 'not known yet'],
  ['is not encrypted', { instance: { ...GOOD, StorageEncrypted: false } }, 'NotCompliant', 'not encrypted'],
  [
    'admits connections without TLS',
    { parameters: [[{ ParameterName: 'rds.force_ssl', ParameterValue: '0' }]] },
    ...(['NotCompliant', 'rds.force_ssl is not 1 in shop'] as const),
  ],
  ['says nothing of TLS', { parameters: [[]] }, 'NotCompliant', 'rds.force_ssl'],
  ['has no parameter group', { instance: { ...GOOD, DBParameterGroups: [] } }, 'NotCompliant', 'rds.force_ssl'],
  [
    'could not be snapshotted',
    full('ManualSnapshots', 100, 100),
    'NotRestorable',
    '100 of 100 ManualSnapshots; 1 more',
  ],
  ['could not be restored beside', full('DBInstances', 40, 40), 'NotRestorable', '40 of 40 DBInstances'],
  [
    'has no room for a copy of its storage',
    full('AllocatedStorage', 99_501, 100_000),
    ...(['NotRestorable', '99501 of 100000 AllocatedStorage; 500 more'] as const),
  ],
])('an instance that %s is refused, with the remedy', async (_what, changes, name, said) => {
  await expect(check(changes)).rejects.toMatchObject({
    name: `Instance${name}Error`,
    message: expect.stringContaining(said),
    remedy: expect.stringMatching(/.{20}/),
  });
});

test('an instance that is not there is named as the parameter that names it', async () => {
  const { rds } = stubRds({
    DescribeDBInstancesCommand: () => {
      throw rdsError('DBInstanceNotFoundFault');
    },
  });
  await expect(checkInstance({ rds, identifier: 'nope', now: NOW })).rejects.toMatchObject({
    name: 'InstanceNotAvailableError',
    remedy: expect.stringContaining('--param'),
  });
});
