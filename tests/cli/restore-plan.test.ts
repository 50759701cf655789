import { expect, test } from '@jest/globals';
import { planLines } from '../../cli/restore/plan-lines.ts';
import type { Facts } from '../../lib/restore/facts.ts';
import { type RestoreOrder, restoreOptions } from '../../lib/restore/order.ts';
import { planRestore } from '../../lib/restore/plan-restore.ts';
import { capture } from '../../lib/restore/settings/instance.ts';

const NOW = new Date('2026-01-31T12:00:00.000Z');
const at = (time: string) => `2026-01-31T${time}:00.000Z`;
const SERVING = capture({
  ...{ DBInstanceIdentifier: 'shop-db', DBInstanceArn: 'arn:aws:rds:eu-west-1:1:db:shop-db', DbiResourceId: 'db-NEW' },
  ...{ DBInstanceStatus: 'available', Engine: 'postgres', EngineVersion: '15.18', DBInstanceClass: 'db.m7g.large' },
  ...{ AllocatedStorage: 500, StorageType: 'gp3', MultiAZ: true, InstanceCreateTime: new Date(at('09:00')) },
  ...{ IAMDatabaseAuthenticationEnabled: true, ReadReplicaDBInstanceIdentifiers: ['shop-reports'] },
  MasterUserSecret: { SecretArn: 'arn:aws:secretsmanager:eu-west-1:1:secret:rds!db-1', SecretStatus: 'active' },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-shop', Status: 'active' }],
});

/** A database that was restored at ten, once. */
function facts(order: RestoreOrder, changes: Partial<Facts> = {}): Facts {
  const served = { identifier: 'shop-db', run: null };
  const window = { status: 'active', tags: [] };
  return {
    run: { id: 'carthub-20260131T120000Z-0a1b', kind: 'restore', database: 'carthub', onFailure: 'keep' },
    options: restoreOptions.parse({ order, freeze: 'late', maxFreezeSeconds: 900 }),
    ...{ now: NOW, identifier: 'shop-db', serving: SERVING, opsGroup: null, instances: [SERVING] },
    line: [
      { ...served, resourceId: 'db-OLD', from: at('01:00'), until: at('10:00'), seconds: null },
      { ...served, resourceId: 'db-NEW', from: at('10:00'), until: null, seconds: 1300 },
    ],
    backups: [
      { ...window, resourceId: 'db-OLD', earliest: at('02:00'), latest: at('11:55') },
      { ...window, resourceId: 'db-NEW', earliest: at('09:30'), latest: at('11:55') },
    ],
    ...{ restorePoint: null, before: null, snapshot: null, resumed: null },
    quotas: [
      { name: 'DBInstances', used: 39, max: 40 },
      { name: 'AllocatedStorage', used: 99_500, max: 100_000 },
    ],
    followers: {
      proxies: { found: ['shop-proxy'], unknown: null },
      subscriptions: { found: [], unknown: 'AccessDenied' },
      database: { found: ['replication slot audit', 'pg_cron'], unknown: null },
    },
    ...changes,
  };
}

function told(known: Facts): string {
  return planLines({ plan: planRestore(known), facts: known }, { now: NOW, zone: 'Europe/Berlin' }).join('\n');
}

test('a plan tells from what, to which moment on two clocks, what it takes, what hangs on the old instance, what is lost', () => {
  expect(told(facts({ to: 'time', time: at('09:40') }))).toMatchInlineSnapshot(`
"Plan of a restore of carthub. Nothing is changed yet.

  from      shop-db (db-NEW) as it serves now: PostgreSQL 15.18, db.m7g.large, 500 GiB gp3, Multi-AZ
  to        2026-01-31T09:40:00Z, 2 h 20 min ago
            2026-01-31 10:40:00 +01:00 (Europe/Berlin)
  logs of   db-OLD, which served the database then
  possible  2026-01-31T02:00:00Z to 2026-01-31T11:55:00Z
            2026-01-31 03:00:00 +01:00 to 2026-01-31 12:55:00 +01:00
  copy      shop-db-restored-1c04fa, made beside; it takes over the name shop-db
  old one   becomes shop-db-retired-20260131120000: closed, protected from deletion, kept until 2026-02-14
  takes     about 21 min 40 s, by the restores before
  quota     39 of 40 instances and 99500 of 100000 GiB are used; this takes 1 instance with 500 GiB. Whether there is
            capacity is known when RDS makes the copy; another zone is tried
  settings  every field is captured, given to the copy, and compared before it takes over; the restore stops when one
            differs without a reason
  stopped   the application, only once the copy stands and is validated, until the copy is verified; for 15 min 00 s
            at the longest, then the old one serves again

What follows the old instance, and what becomes of it:
  the address of shop-db     It goes to the copy with the name, within minutes.
  IAM policies               Those that allow rds-db:connect to arn:aws:rds-db:eu-west-1:1:dbuser:db-NEW/* have to
                             name the resource id of the copy too, which is known when it stands.
  RDS Proxy shop-proxy       Register the instance again: aws rds register-db-proxy-targets --db-proxy-name shop-proxy
                             --db-instance-identifiers shop-db
  read replica shop-reports  It goes on following the old instance. Make another one of the copy, and delete it.
  managed master password    The copy gets a secret of its own; arn:aws:secretsmanager:eu-west-1:1:secret:rds!db-1
                             stays the old instance’s. Point its readers to the new one.
  event subscriptions        Not known (AccessDenied). Look yourself: aws rds describe-event-subscriptions
  replication slot audit     It is not in the copy. Make it anew, and its reader starts from the beginning.
  pg_cron                    It writes without a connection from outside, in the old instance and in the copy: no
                             freeze stops it.
  history                    Metrics of Performance Insights, the old automated backups and snapshots stay with
                             db-NEW.

What would be lost: what was committed after that moment (2 h 20 min of writes) is not in the copy. It is counted row
by row when the copy stands, and nothing is thrown away that neither --accept-loss nor your answer covers.
Note: db-OLD served the database then: its logs are replayed."
`);
});

test('rows that others wrote since the restore point of a run are promised to be replayed, and all since the latest one; those since a moment are counted', () => {
  const point = {
    ...{ format: 1 as const, run: 'run-m', snapshot: '5:5:', time: at('11:50') },
    heartbeatAt: at('11:51'),
  };
  const run = facts({ to: 'run', run: 'run-m' }, { restorePoint: { ...point, lsn: '0/1' } });
  expect(told(run)).toMatch(/of others than that run,\s+replayed onto it/);
  expect(told(facts({ to: 'latest' }))).toMatch(/and\s+replayed onto it/);
  const snapshot = { identifier: 'by-hand', resourceId: 'db-OLD', status: 'available', time: at('08:00'), run: null };
  expect(told(facts({ to: 'snapshot', snapshot: 'by-hand' }, { snapshot }))).toMatch(/to +the snapshot by-hand\n/);
});
