import { rm } from 'node:fs/promises';
import {
  AddRoleToDBInstanceCommand,
  CreateDBSnapshotCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  ModifyDBInstanceCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { putDocument, replaceDocument } from '../../../lib/documents/documents.ts';
import { type Applied, applySettings } from '../../../lib/restore/apply-settings.ts';
import { checkRestorable } from '../../../lib/restore/check-restorable.ts';
import type { Login } from '../../../lib/restore/copy-login.ts';
import type { CutoverJournal } from '../../../lib/restore/cutover-journal.ts';
import { readPlan } from '../../../lib/restore/documents.ts';
import { readFacts } from '../../../lib/restore/facts.ts';
import { hydrateCopy } from '../../../lib/restore/hydrate.ts';
import { keepCopy } from '../../../lib/restore/keep-copy.ts';
import { readLineage } from '../../../lib/restore/lineage.ts';
import { type RestoreOrder, restoreOptions } from '../../../lib/restore/order.ts';
import { planRestore } from '../../../lib/restore/plan-restore.ts';
import { prepareRestore } from '../../../lib/restore/prepare.ts';
import { restoreBeside } from '../../../lib/restore/restore-beside.ts';
import { retireInstance } from '../../../lib/restore/retire.ts';
import { readSettings } from '../../../lib/restore/settings/document.ts';
import { readReport } from '../../../lib/restore/timings.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { GROUPS, instanceInput } from '../../../local/provision/instance.ts';
import { RdsUser } from '../../local/rds-user.ts';
import { clientOf } from '../../local/with-endpoint.ts';
import { newFolder, type RunningRds, startRds } from '../../local/with-rds.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';

const [OPS, SERVING] = ['sg-ops', 'sg-serving'];
const MASTER = { username: 'carthub', password: 'a-good-password', host: '127.0.0.1', port: 5432, dbname: 'carthub' };

let folder: string;
let running: RunningRds;
let bucket: Bucket;
let user: RdsUser;
let rds: RDSClient;
let login: Login;
/** What was asked of RDS, and the call whose answer gets lost next. */
const calls: string[] = [];
let lost: string | null = null;

beforeAll(async () => {
  folder = await newFolder();
  const input = instanceInput('shop-db', MASTER, {
    groups: [{ id: SERVING, logicalId: 'ApplicationSecurityGroup', ingress: [] }],
    functions: [],
  });
  [running, bucket] = await Promise.all([startRds(folder, GROUPS), openBucket()]);
  await running.rds.ensureInstance(input);
  user = new RdsUser(running.endpoint.url, running.caFile);
  rds = new RDSClient(clientOf(running.endpoint.url));
  rds.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const answer = await next(args);
        if (!commandName.startsWith('Describe')) calls.push(commandName.replace('Command', ''));
        if (lost === commandName) {
          lost = null;
          throw Object.assign(new Error('nobody heard the answer'), { name: 'TimeoutError' });
        }
        return answer;
      },
    { step: 'initialize' },
  );
  const secrets = new SecretsManagerClient(clientOf(running.endpoint.url));
  login = {
    async withInstance({ port, secretArn }, use) {
      const secret = secretArn ? await secrets.send(new GetSecretValueCommand({ SecretId: secretArn })) : null;
      const { password }: { password: string } = secret ? JSON.parse(secret.SecretString ?? '') : MASTER;
      const client = await user.connectTo(port, { password });
      return use(client).finally(() => client.end());
    },
    credentials: { open: async () => true, current: async () => MASTER },
  };
  await rds.send(
    new AddRoleToDBInstanceCommand({
      ...{ DBInstanceIdentifier: 'shop-db', FeatureName: 's3Export', RoleArn: 'arn:aws:iam::000000000000:role/export' },
    }),
  );
  await user.query('shop-db', `create table carts as select 'first' as word`);
}, 60_000);

afterAll(async () => {
  await running.stop();
  await bucket.close();
  await rm(folder, { recursive: true });
});

const runOf = (id: string, order: RestoreOrder, more: object = {}) => ({
  ...{ id, kind: 'restore' as const, database: 'carthub', onFailure: 'keep' as const },
  restore: restoreOptions.parse({ order, ...more }),
});
const common = (run: string) => ({ rds, documents: bucket.documents, run, opsGroup: OPS, login, now: new Date() });
const prepare = (run: ReturnType<typeof runOf>) =>
  prepareRestore({ ...common(run.id), run, identifier: 'shop-db', askDatabase: async () => [] });

/** As its state machine runs a step; a lost answer makes it ask again. */
async function loop<P extends { done: boolean }>(step: (progress: P | null) => Promise<P>): Promise<P> {
  for (let progress: P | null = null; ; ) {
    try {
      progress = await step(progress);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'TimeoutError') throw error;
    }
    if (progress?.done) return progress;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

const beside = (run: string) =>
  loop<Awaited<ReturnType<typeof restoreBeside>>>((progress) => restoreBeside({ ...common(run), progress }));
const apply = (run: string) => loop<Applied>((progress) => applySettings({ ...common(run), progress }));

test('a copy is made once, closed, with every setting of the source, whatever answer is lost', async () => {
  const target = new Date(Math.ceil(Date.now() / 1000) * 1000);
  await new Promise((resolve) => setTimeout(resolve, target.getTime() - Date.now() + 10));
  await user.query('shop-db', `update carts set word = 'second'`);
  const run = runOf('run-1', { to: 'time', time: target.toISOString() });

  const facts = await readFacts({ ...common(run.id), run, identifier: 'shop-db', askDatabase: async () => [] });
  const shown = planRestore(facts);
  expect(await readSettings(bucket.documents, run.id)).toBeNull();
  const agreed = { ...run, restore: { ...run.restore, planDigest: shown.digest } };
  const other = { ...run, restore: { ...run.restore, planDigest: 'another' } };
  await expect(prepare(other)).rejects.toMatchObject({ name: 'PlanChangedError' });
  const first = await prepare(agreed);
  expect(await prepare(agreed)).toEqual(first);
  expect(calls.filter((call) => !call.startsWith('AddRole'))).toEqual([]);

  await loop<Awaited<ReturnType<typeof checkRestorable>>>((progress) =>
    checkRestorable({ ...common(run.id), progress }),
  );
  lost = 'RestoreDBInstanceToPointInTimeCommand';
  const made = await beside(run.id);
  const again = await restoreBeside({ ...common(run.id), progress: null });
  expect(again).toMatchObject({ done: true, resourceId: made.resourceId, identifier: first.copy });
  lost = 'ModifyDBInstanceCommand';
  const applied = await apply(run.id);
  const hydrated = await loop<Awaited<ReturnType<typeof hydrateCopy>>>((progress) =>
    hydrateCopy({ ...common(run.id), wanted: true, progress }),
  );

  expect(hydrated.percent).toBe(100);
  expect(calls.filter((call) => call === 'RestoreDBInstanceToPointInTime')).toHaveLength(1);
  expect(Object.keys(applied.taken)).toEqual(expect.arrayContaining(['Performance Insights', 'role for s3Export']));
  expect(await user.query(first.copy, 'select word from carts')).toEqual(['first']);
  const { compared = [], copy } = (await readSettings(bucket.documents, run.id)) ?? {};
  expect(copy).toEqual({ resourceId: made.resourceId, identifier: first.copy });
  const differing = compared.filter(({ how }) => how === 'differs').map(({ field }) => field);
  expect(differing.filter((field) => !OWN.includes(field))).toEqual([]);
  const described = await user.describe(first.copy);
  expect(described).toMatchObject({
    ...{ DeletionProtection: true, MonitoringInterval: 60, DatabaseInsightsMode: 'advanced' },
    VpcSecurityGroups: [{ VpcSecurityGroupId: OPS }],
    TagList: expect.arrayContaining([{ Key: 'carthub-db:run', Value: 'run-1' }]),
  });
  const { DBInstanceAutomatedBackups: [backups] = [] } = await rds.send(
    new DescribeDBInstanceAutomatedBackupsCommand({ DbiResourceId: made.resourceId ?? '' }),
  );
  expect(backups?.TagList).toEqual([{ Key: 'team', Value: 'carts' }]);
}, 60_000);

const OWN = [
  ...['DBInstanceIdentifier', 'DBInstanceArn', 'DbiResourceId', 'Endpoint', 'InstanceCreateTime', 'AvailabilityZone'],
  ...['EnhancedMonitoringResourceArn', 'LatestRestorableTime', 'VpcSecurityGroups', 'SecondaryAvailabilityZone'],
  ...['StorageOperationStatus', 'StorageOperationPercentProgress'],
];

test('a copy that did not take over is kept, and the next restore takes it up as its own', async () => {
  const kept = await keepCopy(common('run-1'));
  const { DbiResourceId } = await user.describe(kept.copy ?? '');
  expect(kept).toMatchObject({ done: true, resourceId: DbiResourceId, expires: expect.stringMatching(/^20/) });
  expect(await keepCopy(common('nobody'))).toMatchObject({ done: true, copy: null, expires: null });

  const resumed = runOf('run-2', { to: 'latest' }, { resume: 'run-1' });
  await prepare(resumed);
  lost = 'AddTagsToResourceCommand';
  const made = await beside('run-2');

  expect(made).toMatchObject({ resourceId: DbiResourceId, identifier: kept.copy });
  expect((await readPlan(bucket.documents, 'run-2')).resumes).toEqual(['run-1']);
  expect(await keepCopy(common('run-1'))).toMatchObject({ copy: null });
  await expect(restoreBeside({ ...common('run-1'), progress: null })).resolves.toMatchObject({ done: true });
  await expect(prepare(runOf('run-3', { to: 'latest' }, { resume: 'nobody' }))).rejects.toMatchObject({
    name: 'RestoreRefusedError',
  });
}, 60_000);

test('an instance of somebody else under the name of the copy is not taken for it', async () => {
  const plan = await readPlan(bucket.documents, 'run-2');
  await putDocument(bucket.documents, keys.restore.plan('run-4'), { ...plan, run: 'run-4', resumes: [] }, null);
  const settings = await readSettings(bucket.documents, 'run-2');
  await putDocument(bucket.documents, keys.restore.settings('run-4'), { ...settings, run: 'run-4', copy: null }, null);

  await expect(restoreBeside({ ...common('run-4'), progress: null })).rejects.toMatchObject({
    ...{ name: 'RestoreRefusedError', message: expect.stringContaining('belongs to run-2') },
  });
}, 60_000);

test('what was replaced is kept until its date, and a moment before belongs to it from then on', async () => {
  const before = new Date(Date.now() - 1000);
  const plan = await readPlan(bucket.documents, 'run-2');
  const { copy } = (await readSettings(bucket.documents, 'run-2')) ?? {};
  await rename('shop-db', plan.retired.identifier);
  await rename(plan.copy.identifier, 'shop-db');
  await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'shop-db', VpcSecurityGroupIds: [SERVING] }));
  await user.available('shop-db');
  const steps = { fenced: null, opened: null, protected: null, renamedOld: null, renamedCopy: null, verified: null };
  const journal: CutoverJournal = {
    ...{ format: 1, run: 'run-2', name: 'shop-db', retired: plan.retired.identifier, wasProtected: true },
    ...{ old: plan.source, copy: copy ?? { resourceId: '', identifier: '' }, found: null, doing: null, reversed: null },
    steps: { ...steps, admitted: null, retired: null },
  };
  await replaceDocument(bucket.documents, keys.restore.cutover('run-2'), journal);
  await expect(retireInstance({ ...common('run-2'), progress: null })).rejects.toMatchObject({
    name: 'CutoverOpenError',
  });
  const admitted = new Date().toISOString();
  const done = { ...journal, steps: { ...journal.steps, renamedCopy: admitted, admitted } };
  await replaceDocument(bucket.documents, keys.restore.cutover('run-2'), done);
  const retire = () =>
    loop<Awaited<ReturnType<typeof retireInstance>>>((progress) => retireInstance({ ...common('run-2'), progress }));
  lost = 'RemoveTagsFromResourceCommand';
  const retired = await retire();
  expect(await retire()).toMatchObject({ expires: retired.expires });

  const [old, serving] = [await user.describe(plan.retired.identifier), await user.describe('shop-db')];
  const keysOf = (instance: typeof old) => instance.TagList?.map(({ Key }) => Key);
  expect(old).toMatchObject({ DeletionProtection: true, VpcSecurityGroups: [{ VpcSecurityGroupId: OPS }] });
  expect(keysOf(old)).toEqual(expect.arrayContaining(['carthub-db:run', 'carthub-db:retired', 'carthub-db:expires']));
  expect(keysOf(serving)).toEqual(['carthub-db:database']);
  expect(await readLineage(bucket.documents, 'carthub')).toMatchObject([
    { resourceId: plan.source.resourceId, until: admitted, run: null },
    { resourceId: copy?.resourceId, from: admitted, until: null, run: 'run-2', seconds: null },
  ]);
  expect((await readReport(bucket.documents, 'run-2')).phases.map(({ phase }) => phase)).toContain('whole');
  expect(await keepCopy(common('run-2'))).toMatchObject({ copy: null });

  await prepare(runOf('run-5', { to: 'time', time: before.toISOString() }));
  const back = await readPlan(bucket.documents, 'run-5');
  expect(back).toMatchObject({ from: plan.source.resourceId, source: { resourceId: copy?.resourceId } });
  // Nobody knows yet: that restore only took up a copy.
  expect(back.expectedSeconds).toBeNull();
}, 60_000);

test('a snapshot is restored with the settings of the one that serves, and a managed password is managed again', async () => {
  const manage = { DBInstanceIdentifier: 'shop-db', ManageMasterUserPassword: true, ApplyImmediately: true };
  await rds.send(new ModifyDBInstanceCommand(manage));
  await user.available('shop-db');
  await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'shop-db', DBSnapshotIdentifier: 'by-hand' }));
  const run = runOf('run-6', { to: 'snapshot', snapshot: 'by-hand' });
  const { copy } = await prepare(run);
  await loop<Awaited<ReturnType<typeof checkRestorable>>>((progress) =>
    checkRestorable({ ...common(run.id), progress }),
  );
  await user.available('shop-db');
  await beside(run.id);
  const applied = await apply(run.id);

  // The call for snapshots does not take it.
  expect(applied.taken).toMatchObject({ 'storage autoscaling': 1, 'managed master password': 1 });
  const [before, after] = [await user.describe('shop-db'), await user.describe(copy)];
  expect(after.MasterUserSecret).toMatchObject({
    SecretStatus: 'active',
    SecretArn: expect.stringContaining('rds!db-'),
  });
  expect(after.MasterUserSecret?.SecretArn).not.toBe(before.MasterUserSecret?.SecretArn);
  const { compared = [] } = (await readSettings(bucket.documents, run.id)) ?? {};
  expect(compared.find(({ field }) => field === 'MasterUserSecret')).toMatchObject({
    ...{ how: 'second step', reason: expect.stringContaining(after.MasterUserSecret?.SecretArn ?? 'none') },
  });
  expect(await user.describe(copy)).toMatchObject({
    MaxAllocatedStorage: 100,
    CACertificateIdentifier: 'rds-ca-ecc384-g1',
  });
}, 60_000);

async function rename(from: string, NewDBInstanceIdentifier: string): Promise<void> {
  await user.available(from);
  const change = { DBInstanceIdentifier: from, NewDBInstanceIdentifier, ApplyImmediately: true };
  await rds.send(new ModifyDBInstanceCommand(change));
  for (;;) {
    const found = await user.describe(NewDBInstanceIdentifier).catch(() => null);
    if (found?.DBInstanceStatus === 'available') return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}
