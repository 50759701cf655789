import type { DBInstance } from '@aws-sdk/client-rds';
import { expect, test } from '@jest/globals';
import type { Facts, KnownSnapshot } from '../../../lib/restore/facts.ts';
import { type RestoreOrder, restoreOptions } from '../../../lib/restore/order.ts';
import { restorePlan } from '../../../lib/restore/plan.ts';
import { planRestore } from '../../../lib/restore/plan-restore.ts';
import { capture } from '../../../lib/restore/settings/instance.ts';
import type { Plan } from '../../../lib/runs/plan.ts';

const NOW = new Date('2026-01-31T12:00:00.000Z');
const at = (time: string) => `2026-01-31T${time}:00.000Z`;

const SERVING: DBInstance = {
  ...{ DBInstanceIdentifier: 'shop-db', DBInstanceArn: 'arn:aws:rds:eu-west-1:1:db:shop-db', DbiResourceId: 'db-NEW' },
  ...{ DBInstanceStatus: 'available', Engine: 'postgres', AllocatedStorage: 500, BackupRetentionPeriod: 7 },
  ...{ IAMDatabaseAuthenticationEnabled: false, InstanceCreateTime: new Date(at('09:00')) },
  VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-shop', Status: 'active' }],
};
const OLD: DBInstance = { ...SERVING, DBInstanceIdentifier: 'shop-db-retired-1', DbiResourceId: 'db-OLD' };
const none = { found: [], unknown: null };

type World = Partial<Omit<Facts, 'options'>> & { instance?: DBInstance; options?: object };

/** A database that was restored at ten, and whose old instance is there still. */
function facts(order: RestoreOrder, { instance = {}, options = {}, ...changes }: World = {}): Facts {
  const serving = capture({ ...SERVING, ...instance });
  return {
    run: { id: 'run-1', kind: 'restore', database: 'carthub', onFailure: 'keep' },
    options: restoreOptions.parse({ order, ...options }),
    ...{ now: NOW, identifier: 'shop-db', serving, opsGroup: 'sg-ops', instances: [serving, capture(OLD)] },
    line: [
      { resourceId: 'db-OLD', identifier: 'shop-db', from: at('01:00'), until: at('10:00'), run: null, seconds: null },
      { resourceId: 'db-NEW', identifier: 'shop-db', from: at('10:00'), until: null, run: 'run-0', seconds: 1300 },
    ],
    backups: [
      { resourceId: 'db-OLD', status: 'active', earliest: at('02:00'), latest: at('11:55'), tags: [] },
      { resourceId: 'db-NEW', status: 'active', earliest: at('09:30'), latest: at('11:55'), tags: [] },
    ],
    restorePoint: {
      ...{ format: 1, run: 'run-m', snapshot: '5:5:', time: at('11:50'), heartbeatAt: at('11:51'), lsn: '0/1' },
    },
    before: PLAN,
    snapshot: SNAPSHOT,
    resumed: null,
    quotas: [
      { name: 'DBInstances', used: 39, max: 40 },
      { name: 'AllocatedStorage', used: 99_500, max: 100_000 },
    ],
    followers: { proxies: none, subscriptions: none, database: none },
    ...changes,
  };
}

const PLAN: Plan = {
  ...{ format: 1, run: 'run-m', release: 'r', before: 2, target: 3, digest: 'd', history: 2 },
  ...{ pending: [], drift: [], warnings: [] },
};
const SNAPSHOT: KnownSnapshot = {
  ...{ identifier: 'by-hand', resourceId: 'db-OLD', status: 'available', time: at('08:00'), run: null },
};
const time = (clock: string): RestoreOrder => ({ to: 'time', time: at(clock) });
const RUN: RestoreOrder = { to: 'run', run: 'run-m' };
const LATEST: RestoreOrder = { to: 'latest' };
const HAND: RestoreOrder = { to: 'snapshot', snapshot: 'by-hand' };

test('before a run is its restore point, with what was saved there and what the schema was', () => {
  const plan = planRestore(facts(RUN));
  expect(restorePlan.parse(plan)).toEqual(plan);
  expect(plan).toMatchObject({
    target: { time: at('11:50'), snapshot: null, savedSnapshot: '5:5:' },
    expected: { version: 2, history: 2, digest: 'd' },
    source: { resourceId: 'db-NEW', identifier: 'shop-db', groups: ['sg-shop'] },
    copy: { identifier: expect.stringMatching(/^shop-db-restored-[0-9a-f]{6}$/) },
    retired: { identifier: 'shop-db-retired-20260131120000' },
    window: { earliest: at('02:00'), latest: at('11:55') },
    expectedSeconds: 1300,
  });
  expect(plan.from).toBeUndefined();
});

test('a moment before an earlier restore is in the logs of the instance that served then, and no saved snapshot counts there', () => {
  const plan = planRestore(facts(time('09:45')));
  expect(plan).toMatchObject({ from: 'db-OLD', target: { time: at('09:45') } });
  const point = { ...facts(RUN).restorePoint, time: at('09:45') };
  const before = planRestore({ ...facts(RUN), restorePoint: { ...ofRun(), ...point } });
  expect(before).toMatchObject({ from: 'db-OLD', target: { savedSnapshot: null } });
  // Also when only its automated backups are left of it.
  const { instances } = facts(RUN);
  expect(planRestore(facts(time('09:45'), { instances: instances.slice(0, 1) })).from).toBe('db-OLD');
});

const ofRun = () => {
  const { restorePoint } = facts(RUN);
  if (restorePoint === null) throw new Error('there is one');
  return restorePoint;
};

test('a moment is taken down to its second, the latest is one that RDS takes, and what is not shipped yet is waited for', () => {
  const odd = planRestore(facts({ to: 'time', time: '2026-01-31T12:30:15.7+01:00' }));
  expect(odd.target.time).toBe('2026-01-31T11:30:15.000Z');
  expect(odd.notes.join()).toContain('whole seconds');
  expect(planRestore(facts(LATEST)).target.time).toBe('2026-01-31T11:54:59.000Z');
  expect(planRestore(facts(time('11:58'))).notes.join()).toContain('waited for');
  expect(planRestore(facts(HAND))).toMatchObject({ from: 'db-OLD', target: { time: null, snapshot: 'by-hand' } });
});

test('the latest moment is one of the instance that serves, also when what is in store ends before it began to', () => {
  const known = facts(LATEST);
  const backups = known.backups.map((backup) => ({ ...backup, latest: at('09:59') }));
  const plan = planRestore({ ...known, backups });
  expect(plan).toMatchObject({ target: { time: '2026-01-31T09:58:59.000Z' }, source: { resourceId: 'db-NEW' } });
  expect(plan.from).toBeUndefined();
});

test('names begin with the whole name of the instance, which is all that the functions may change, or there is no plan', () => {
  const named = (name: string) =>
    planRestore(facts(LATEST, { identifier: name, instance: { DBInstanceIdentifier: name } }));
  const name = `a-${'b'.repeat(38)}`;
  const { copy, retired } = named(name);
  expect(copy.identifier).toMatch(new RegExp(`^${name}-restored-\\w{6}$`));
  expect(retired.identifier).toMatch(new RegExp(`^${name}-retired-\\d{14}$`));
  expect(() => named(`${name}b`)).toThrow('leaves no room');
});

test('a plan says what else the new name brings about: changes that wait for the maintenance window', () => {
  const instance = { PendingModifiedValues: { DBInstanceClass: 'db.m7g.xlarge', ProcessorFeatures: [] } };
  expect(planRestore(facts(LATEST, { instance })).notes.join()).toContain('DBInstanceClass of the instance waits');
  expect(planRestore(facts(LATEST)).notes.join()).not.toContain('maintenance window');
});

test('the digest is that of what a person agrees to: it stays while time goes by, and changes with what is done', () => {
  const { digest } = planRestore(facts(LATEST));
  const later = facts(LATEST, { now: new Date(at('12:30')), run: { ...facts(LATEST).run, id: 'run-2' } });
  later.backups = later.backups.map((backup) => ({ ...backup, latest: at('12:25') }));
  expect(planRestore(later).digest).toBe(digest);
  // Nor does it matter who was allowed to ask what.
  const denied = { found: [], unknown: 'AccessDenied' };
  const asked = { proxies: denied, subscriptions: none, database: { found: ['pg_cron'], unknown: null } };
  expect(planRestore(facts(LATEST, { followers: asked })).digest).toBe(digest);
  const others = [
    planRestore(facts(time('11:30'))),
    planRestore(facts(time('11:31'))),
    planRestore(facts(LATEST, { instance: { ReadReplicaDBInstanceIdentifiers: ['reader'] } })),
    planRestore(facts(LATEST, { instance: { VpcSecurityGroups: [] } })),
  ];
  expect(new Set([digest, ...others.map((plan) => plan.digest)]).size).toBe(5);
});

test('what follows the old resource id is listed with what to do, and what follows the name is handled', () => {
  const { follows } = planRestore(
    facts(LATEST, {
      instance: {
        ...{ IAMDatabaseAuthenticationEnabled: true, ReadReplicaDBInstanceIdentifiers: ['reader'] },
        MasterUserSecret: { SecretArn: 'arn:secret', SecretStatus: 'active' },
        DBInstanceAutomatedBackupsReplications: [{ DBInstanceAutomatedBackupsArn: 'arn:backups' }],
      },
      followers: {
        proxies: { found: ['pool'], unknown: null },
        subscriptions: { found: ['pager'], unknown: null },
        database: { found: ['replication slot debezium', 'pg_cron'], unknown: null },
      },
    }),
  );
  const how = new Map(follows.map((each) => [each.what, each]));
  expect(how.get('IAM policies')?.detail).toContain('arn:aws:rds-db:eu-west-1:1:dbuser:db-NEW/*');
  for (const what of [
    'RDS Proxy pool',
    'read replica reader',
    'managed master password',
    'replicated backups arn:backups',
  ]) {
    expect(how.get(what)).toMatchObject({ how: 'listed', detail: expect.stringMatching(/.{20}/) });
  }
  expect(how.get('event subscription pager')?.how).toBe('handled');
  expect([how.get('replication slot debezium')?.how, how.get('pg_cron')?.how]).toEqual(['listed', 'listed']);
});

test('what could not be asked is said, and stops nothing', () => {
  const unknown = { found: [], unknown: 'AccessDenied' };
  const { follows } = planRestore(
    facts(LATEST, { followers: { proxies: unknown, subscriptions: unknown, database: unknown } }),
  );
  expect(follows.filter(({ detail }) => detail.startsWith('Not known (AccessDenied)'))).toHaveLength(3);
});

test('nobody has agreed to what writes by itself, or leads to the old one, when a migration failed: it is refused there', () => {
  const found = (one: string) => ({ found: [one], unknown: null });
  const followers = { ...facts(RUN).followers, database: found('pg_cron'), proxies: found('pool') };
  const failed = { id: 'run-m', kind: 'migrate' as const, database: 'carthub' };
  const plan = (onFailure: 'auto' | 'restore') => planRestore(facts(RUN, { followers, run: { ...failed, onFailure } }));
  expect(() => plan('auto')).toThrow(/Not without a person: RDS Proxy pool: .* pg_cron/);
  expect(plan('restore').follows.map(({ what }) => what)).toContain('pg_cron');
});

const backup = { resourceId: 'db-NEW', status: 'active', earliest: at('09:30'), latest: at('11:55'), tags: [] };
const taken = capture({ ...OLD, DBInstanceIdentifier: 'shop-db-retired-20260131120000' });

test.each<[string, RestoreOrder, World, string, string]>([
  ['a moment in the future', time('12:05'), {}, 'Target', 'in the future'],
  [
    'a moment before what is in store',
    time('01:30'),
    {},
    'Target',
    '2026-01-31T02:00:00Z to 2026-01-31T11:55:00Z (db-OLD)',
  ],
  [
    'a moment between the lines',
    time('10:01'),
    { backups: [{ ...backup, earliest: at('10:30') }] },
    'Target',
    'cannot be restored',
  ],
  ['a run without a restore point', RUN, { restorePoint: null }, 'Target', 'made no restore point'],
  ['a snapshot that is not there', HAND, { snapshot: null }, 'Target', 'no snapshot by-hand'],
  [
    'a snapshot of another database',
    HAND,
    { snapshot: { ...SNAPSHOT, resourceId: 'db-X' } },
    'Target',
    'never served this database',
  ],
  ['a snapshot that failed', HAND, { snapshot: { ...SNAPSHOT, status: 'failed' } }, 'Target', 'is failed'],
  ['no retention', LATEST, { backups: [], instance: { BackupRetentionPeriod: 0 } }, 'Refused', 'retention is 0 days'],
  [
    'no first backup',
    LATEST,
    { backups: [{ ...backup, status: 'creating', earliest: null, latest: null }] },
    'Refused',
    'not complete yet',
  ],
  ['a database that is gone', LATEST, { serving: null }, 'Refused', 'no RDS instance shop-db'],
  ['a stopped instance', LATEST, { instance: { DBInstanceStatus: 'stopped' } }, 'Refused', 'is stopped'],
  ['an instance that is being made', LATEST, { instance: { DBInstanceStatus: 'creating' } }, 'Refused', 'is creating'],
  ['a replica', LATEST, { instance: { ReadReplicaSourceDBInstanceIdentifier: 'main' } }, 'Refused', 'replica of main'],
  ['a cluster', LATEST, { instance: { DBClusterIdentifier: 'c' } }, 'Refused', 'in the cluster c'],
  [
    'a frozen instance',
    LATEST,
    { instance: { VpcSecurityGroups: [{ VpcSecurityGroupId: 'sg-ops', Status: 'active' }] } },
    'Refused',
    'is frozen',
  ],
  [
    'no instance left',
    LATEST,
    { quotas: [{ name: 'DBInstances', used: 40, max: 40 }] },
    'Refused',
    '40 of 40 DBInstances',
  ],
  [
    'no storage left',
    LATEST,
    { quotas: [{ name: 'AllocatedStorage', used: 99_501, max: 100_000 }] },
    'Refused',
    '500 more',
  ],
  ['a name that is taken', LATEST, { instances: [taken] }, 'Refused', 'is taken by an instance of nobody'],
  ['a restore to take up that is not known', LATEST, { options: { resume: 'run-x' } }, 'Refused', 'made a plan'],
])('%s is refused, with the remedy', (_what, order, world, name, said) => {
  expect(() => planRestore(facts(order, world))).toThrow(
    expect.objectContaining({
      ...{
        name: `Restore${name}Error`,
        message: expect.stringContaining(said),
        remedy: expect.stringMatching(/.{10}/),
      },
    }),
  );
});

test('a restore is taken up again only with its copy, and while the same instance serves', () => {
  const resumed = planRestore(facts(RUN));
  const copy = (run: string) =>
    capture({
      ...OLD,
      DBInstanceIdentifier: resumed.copy.identifier,
      TagList: [{ Key: 'carthub-db:run', Value: run }],
    });
  const resume = (instances: Facts['instances'], changes: World = {}) =>
    planRestore(
      facts(RUN, {
        ...changes,
        instances,
        resumed,
        options: { resume: 'run-1' },
        run: { ...facts(RUN).run, id: 'run-2' },
      }),
    );
  // What was there for the first one may be used up by its copy.
  const full = { quotas: [{ name: 'DBInstances', used: 40, max: 40 }] };
  expect(resume([copy('run-1')], full)).toMatchObject({
    resumes: ['run-1'],
    copy: resumed.copy,
    target: resumed.target,
  });
  expect(() => resume([copy('run-9')])).toThrow(/another run’s/);
  expect(() => resume([])).toThrow(/gone/);
  expect(() => resume([copy('run-1')], { instance: { DbiResourceId: 'db-NEWER' } })).toThrow(/serves no more/);
});
