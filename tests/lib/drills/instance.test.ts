import type { DBInstance } from '@aws-sdk/client-rds';
import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readDocument } from '../../../lib/documents/documents.ts';
import { makeInstance } from '../../../lib/drills/make-instance.ts';
import { keepInstance, removeInstance, sweepInstances } from '../../../lib/drills/remove-instance.ts';
import { DRILL_TAG } from '../../../lib/drills/tags.ts';
import { DATABASE_TAG, EXPIRES_TAG } from '../../../lib/rds/snapshot.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { record } from '../../../lib/runs/record.ts';
import { type Bucket, openBucket } from '../../support/bucket.ts';
import { rdsError, stubRds } from '../../support/rds-stub.ts';

const NOW = new Date('2026-11-22T06:00:00Z');
const EXECUTION = 'arn:aws:states:eu-west-1:000000000000:execution:carthub-db-carthub-drill:run-1';
const run = { id: 'run-1', execution: EXECUTION, database: 'carthub', startedAt: 'then', requestedBy: 'somebody' };
const plan = { instance: 'carthub-db-drill-1', keep: false };

function instance(name: string, status: string, tags: Record<string, string>, more: DBInstance = {}): DBInstance {
  const TagList = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const about = { DBInstanceIdentifier: name, DBInstanceArn: `arn:${name}`, DbiResourceId: `db-${name}` };
  return { ...about, DBInstanceStatus: status, TagList, DBName: 'carthub', MasterUsername: 'master', ...more };
}

const ours = { [DRILL_TAG]: EXECUTION, [DATABASE_TAG]: 'carthub', [EXPIRES_TAG]: '2026-11-23T12:00:00.000Z' };
const ready: DBInstance = {
  Endpoint: { Address: 'host', Port: 5432 },
  MasterUserSecret: { SecretArn: 'secret', SecretStatus: 'active' },
};
const production = instance('carthub-db', 'available', {}, { DBInstanceClass: 'db.m7g.large', AllocatedStorage: 20 });

let bucket: Bucket;
beforeAll(async () => {
  bucket = await openBucket();
});
afterAll(() => bucket.close());

/** RDS with these instances; what it is asked to make or remove is noted, or refused. */
function world(there: DBInstance[], refuse: Record<string, string> = {}) {
  const asked: Record<string, unknown>[] = [];
  const act = (command: string) => (input: object) => {
    if (refuse[command]) throw Object.assign(rdsError(refuse[command]), { $fault: 'client' });
    asked.push({ command, ...input });
    return {};
  };
  const { rds } = stubRds({
    DescribeDBInstancesCommand: (input) => {
      const wanted = 'Filters' in input ? input.Filters?.[0]?.Values?.[0] : undefined;
      return { DBInstances: there.filter((one) => !wanted || one.DBInstanceIdentifier === wanted) };
    },
    CreateDBInstanceCommand: act('create'),
    DeleteDBInstanceCommand: act('delete'),
    RemoveTagsFromResourceCommand: act('untag'),
  });
  const make = (progress: { startedAt: string } | null = null) =>
    makeInstance({ rds, run, plan, source: 'carthub-db', group: 'sg-drill', progress, now: NOW });
  return { rds, asked, make };
}

test('an instance is made with the settings of production, a password of its own, and the mark of its execution', async () => {
  const { asked, make } = world([production]);
  expect(await make()).toMatchObject({ done: false, target: null });
  expect(asked).toEqual([
    expect.objectContaining({
      ...{ DBInstanceIdentifier: 'carthub-db-drill-1', DBInstanceClass: 'db.m7g.large', AllocatedStorage: 20 },
      ...{ ManageMasterUserPassword: true, VpcSecurityGroupIds: ['sg-drill'], PubliclyAccessible: false },
      Tags: expect.arrayContaining([{ Key: DRILL_TAG, Value: EXECUTION }]),
    }),
  ]);
});

test('one that an earlier call made is gone on with, and is ready when it has an address and a password', async () => {
  const startedAt = '2026-11-22T05:55:00.000Z';
  const made = (status: string, more: DBInstance) => world([instance(plan.instance, status, ours, more)]);
  for (const { make, asked } of [
    made('creating', {}),
    made('available', {}),
    made('available', { ...ready, DBName: '' }),
  ]) {
    expect(await make({ startedAt })).toMatchObject({ done: false, target: null, instanceMs: null });
    expect(asked).toEqual([]);
  }
  expect(await made('available', ready).make({ startedAt })).toMatchObject({
    ...{ done: true, instanceMs: 300_000 },
    target: { arn: 'secret', host: 'host', port: 5432, dbname: 'carthub' },
  });
});

test("somebody else's instance of that name, a status that stays, a quota and a wait without end are named", async () => {
  const other = instance(plan.instance, 'available', { ...ours, [DRILL_TAG]: 'another' }, ready);
  await expect(world([other]).make()).rejects.toMatchObject({ name: 'DrillInstanceError' });
  const failed = instance(plan.instance, 'failed', ours);
  await expect(world([failed]).make()).rejects.toMatchObject({ name: 'DrillInstanceError' });
  const full = world([production], { create: 'InstanceQuotaExceededFault' });
  await expect(full.make()).rejects.toMatchObject({
    name: 'DrillInstanceError',
    remedy: expect.stringContaining('quota'),
  });
  const creating = world([instance(plan.instance, 'creating', ours)]);
  await expect(creating.make({ startedAt: '2026-11-22T01:00:00.000Z' })).rejects.toMatchObject({
    name: 'DrillOverdueError',
  });
});

test('only an instance with the mark of this execution is removed, and while it is made it is waited for', async () => {
  const remove = (there: DBInstance, refuse = {}) => {
    const { rds, asked } = world([there], refuse);
    const removed = removeInstance({ rds, run, identifier: plan.instance, progress: null, now: NOW });
    return removed.then(({ done }) => [done, asked.length]);
  };
  expect(await remove(instance(plan.instance, 'available', ours))).toEqual([true, 1]);
  expect(await remove(instance(plan.instance, 'deleting', ours))).toEqual([true, 0]);
  expect(await remove(instance(plan.instance, 'available', {}))).toEqual([true, 0]);
  expect(await remove(instance(plan.instance, 'available', { ...ours, [DATABASE_TAG]: 'other' }))).toEqual([true, 0]);
  const busy = { delete: 'InvalidDBInstanceStateFault' };
  expect(await remove(instance(plan.instance, 'creating', ours), busy)).toEqual([false, 0]);
  const { rds, asked } = world([instance(plan.instance, 'available', ours)]);
  expect(await keepInstance({ rds, run, identifier: plan.instance })).toEqual({ kept: true });
  expect(asked).toEqual([expect.objectContaining({ TagKeys: [DRILL_TAG, EXPIRES_TAG] })]);
});

test('the sweep removes what drills that are over have left, or what is past its date, and nothing else', async () => {
  const at = (execution: string, expires = '2026-11-23T12:00:00.000Z') => ({
    ...{ [DRILL_TAG]: execution, [DATABASE_TAG]: 'carthub', [EXPIRES_TAG]: expires },
  });
  const { rds, asked } = world([
    production,
    instance('over', 'available', at('arn:over')),
    instance('running', 'available', at('arn:running')),
    instance('old', 'available', at('arn:running', '2026-11-21T00:00:00.000Z')),
    instance('theirs', 'available', { ...at('arn:over'), [DATABASE_TAG]: 'other' }),
    instance('kept', 'available', { [DATABASE_TAG]: 'carthub' }),
  ]);
  const sfn = new SFNClient({ region: 'eu-west-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  sfn.middlewareStack.add(
    () =>
      async ({ input }) => {
        const isOver = 'executionArn' in input && input.executionArn === 'arn:over';
        const output = { $metadata: {}, executionArn: 'x', stateMachineArn: 'x', startDate: NOW };
        return { output: { ...output, status: isOver ? 'ABORTED' : 'RUNNING' }, response: {} };
      },
    { step: 'initialize' },
  );
  const { documents } = bucket;
  const swept = await sweepInstances({ rds, sfn, documents, database: 'carthub', now: NOW });
  expect(swept).toEqual({ removed: ['over', 'old'], left: [] });
  const outcome = await readDocument(documents, keys.outcome('over'), record);
  expect(outcome?.value).toMatchObject({ outcome: 'DrillFailed', error: { name: 'DrillCutOffError' } });
  expect(await readDocument(documents, keys.outcome('running'), record)).toBeNull();
  for (const one of asked) expect(one).toMatchObject({ SkipFinalSnapshot: true, DeleteAutomatedBackups: true });
});
