import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import type * as database from '../../../functions/edge/database.ts';
import type * as instances from '../../../functions/edge/instances.ts';
import { readFence } from '../../../lib/journal/fence.ts';
import { CREATE_OWN_TABLES } from '../../../lib/postgres/tables.ts';
import { admitApplication } from '../../../lib/restore/admit-application.ts';
import { cutOver } from '../../../lib/restore/cut-over.ts';
import { CopyInvalidError, CutoverOpenError } from '../../../lib/restore/cutover-errors.ts';
import { readCutover } from '../../../lib/restore/cutover-journal.ts';
import { freeze } from '../../../lib/restore/freeze.ts';
import { FreezeExpiredError, FreezeNotProvedError } from '../../../lib/restore/freeze-errors.ts';
import type { RestorePlan } from '../../../lib/restore/plan.ts';
import { unfreeze } from '../../../lib/restore/unfreeze.ts';
import { validateCopy } from '../../../lib/restore/validate-copy.ts';
import { verifyRestore } from '../../../lib/restore/verify-restore.ts';
import { loop } from '../../support/loop.ts';
import { OPS, PASSWORDS, planOn, type RestoreStage, SERVING, startRestoreStage } from '../../support/restore-stage.ts';
import { until } from '../../support/until.ts';
import { startWriter, type Writer } from '../../support/writer.ts';

let stage: RestoreStage;
let withInstance: typeof instances.withInstance;
let servedCredentials: typeof instances.servedCredentials;
let withDatabase: typeof database.withDatabase;
const writers: Writer[] = [];

const HISTORY = `insert into carthub_db.schemaversion (version, name, md5, run_at) values (1, 'carts', 'x', now())`;

beforeAll(async () => {
  stage = await startRestoreStage((client) =>
    client.query(`${CREATE_OWN_TABLES}; ${HISTORY}; create table ledger (n int primary key)`),
  );
  ({ withInstance, servedCredentials } = await import('../../../functions/edge/instances.ts'));
  ({ withDatabase } = await import('../../../functions/edge/database.ts'));
}, 60_000);

afterAll(async () => {
  for (const writer of writers) await writer.stop();
  await stage.stop();
});

const TOKEN = 7;
const now = () => new Date();
const common = (run: string) => ({ ...stage, withInstance, credentials: servedCredentials, run, opsGroup: OPS, now });

const planOf = (run: string, changes: Partial<RestorePlan> = {}) => planOn(stage, run, changes);
const freezing = (plan: RestorePlan, isStubborn = false) =>
  loop<Awaited<ReturnType<typeof freeze>>>(
    (progress) => freeze({ ...common(plan.run), plan, maxFreezeSeconds: 600, isAutomatic: true, progress }),
    isStubborn,
  );
const thawing = (run: string, isStubborn = false) =>
  loop<Awaited<ReturnType<typeof unfreeze>>>((progress) => unfreeze({ ...common(run), progress }), isStubborn);
const cuttingOver = (plan: RestorePlan, options: { isStubborn?: boolean; isBackward?: boolean; token?: number } = {}) =>
  loop<Awaited<ReturnType<typeof cutOver>>>(
    (progress) =>
      cutOver({
        ...{ ...common(plan.run), plan: async () => plan, progress },
        ...{ token: options.token ?? TOKEN, isBackward: options.isBackward ?? false },
      }),
    options.isStubborn,
  );
const verifying = (run: string, token = TOKEN) =>
  withDatabase((client) => verifyRestore({ ...stage, client, run, token, now }));
const admitting = (plan: RestorePlan, isStubborn = false) =>
  loop<Awaited<ReturnType<typeof admitApplication>>>(
    (progress) => admitApplication({ ...common(plan.run), plan, progress }),
    isStubborn,
  );

const count = async (client: pg.ClientBase) =>
  (await client.query('select n from ledger order by n')).rows.map(({ n }) => n);

const rowsOf = async (identifier: string): Promise<number[]> => {
  const { Endpoint } = await stage.describe(identifier);
  return withInstance({ host: '127.0.0.1', port: Endpoint?.Port ?? 0 }, count);
};
const isAlone = (port: number) =>
  withInstance({ host: '127.0.0.1', port }, async (client) => {
    const { rows } = await client.query(`select from pg_stat_activity where usename = 'carthub'`);
    return rows.length === 1;
  });
const groupsOf = async (identifier: string) =>
  (await stage.describe(identifier)).VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId);

test('a copy is valid when version, history and schema are those of the plan, and nothing of ours was under way', async () => {
  const plan = await planOf('a-run');
  const found = await validateCopy({ ...common('a-run'), plan });
  const { Endpoint } = await stage.describe('carts-copy');
  const onCopy = (sql: string) =>
    withInstance({ host: '127.0.0.1', port: Endpoint?.Port ?? 0 }, (client) => client.query(sql));

  expect(found).toMatchObject({ version: 1, history: 1 });
  expect(await validateCopy({ ...common('a-run'), plan: { ...plan, expected: found } })).toEqual(found);
  for (const other of [{ version: 2 }, { history: 2 }, { digest: 'x' }]) {
    const expected = { ...found, ...other };
    await expect(validateCopy({ ...common('a-run'), plan: { ...plan, expected } })).rejects.toThrow(CopyInvalidError);
  }
  await onCopy(`insert into carthub_db.journal (run_id, token, version, file, sha256, step, state)
    values ('r', 1, 2, '002.do.x.sql', 'x', 3, 'intent')`);
  await expect(validateCopy({ ...common('a-run'), plan })).rejects.toThrow(/in the middle of statement 3/);
  await onCopy(`update carthub_db.journal set state = 'done'`);
  expect(await validateCopy({ ...common('a-run'), plan })).toEqual(found);
  const undone = { ...plan, order: { to: 'run' as const, run: 'r' } };
  await expect(validateCopy({ ...common('a-run'), plan: undone })).rejects.toThrow(/which was to be undone/);
  await onCopy('delete from carthub_db.journal');
});

test('what writes by itself is no freeze: refused where nobody agreed to it, before anybody is stopped', async () => {
  const withCron: typeof withInstance = (at, use) =>
    withInstance(at, async (client) => {
      await client.query(`set cron.database_name = 'postgres'`);
      return use(client);
    });
  const asked = { ...common('run-0'), withInstance: withCron, plan: await planOf('run-0'), maxFreezeSeconds: 600 };

  await expect(freeze({ ...asked, isAutomatic: true, progress: null })).rejects.toThrow(FreezeNotProvedError);
  expect(await groupsOf('carts')).toEqual([SERVING]);
  expect(await unfreeze({ ...asked, progress: null })).toMatchObject({ done: true });
});

test('a freeze holds against who sets sessions read-write and comes back at once, and against who is logging in; lifted, all may write again', async () => {
  for (const first of [1_000_000, 2_000_000]) writers.push(startWriter(() => stage.connect('carts'), first));
  await until('writing', async () => writers.every(({ ledger }) => ledger.length > 5));
  const plan = await planOf('run-1');
  const password = Promise.withResolvers<string>();
  const late = stage.connect('carts', () => password.promise);
  const step = () => freeze({ ...common('run-1'), plan, maxFreezeSeconds: 600, isAutomatic: true, progress: null });
  await until('others ended', async () => (await step()).ended > 0);
  expect(await step()).toMatchObject({ done: false, clear: 0, ended: 0 });
  password.resolve(PASSWORDS.now);
  const session = await late;
  const gone = new Promise((resolve) => session.once('end', () => resolve(null)));

  await freezing(plan);
  await gone;
  const frozen = await rowsOf('carts');

  await expect(stage.connect('carts')).rejects.toThrow();
  const refused = writers.map(({ refusals }) => refusals());
  await until('refusals', async () => writers.every(({ refusals }, at) => refusals() > (refused[at] ?? 0) + 3));
  expect(await rowsOf('carts')).toEqual(frozen);
  for (const { ledger } of writers) expect(frozen).toEqual(expect.arrayContaining(ledger));
  const later = () => new Date(Date.now() + 601_000);
  const expired = { ...common('run-1'), now: later, plan, maxFreezeSeconds: 600, isAutomatic: true, progress: null };
  await expect(freeze(expired)).rejects.toThrow(FreezeExpiredError);

  await thawing('run-1');
  const written = writers.map(({ ledger }) => ledger.length);
  await until('writing again', async () => writers.every(({ ledger }, at) => ledger.length > (written[at] ?? 0) + 3));
  for (const writer of writers) await writer.stop();
  await expect(freezing(plan)).rejects.toThrow(FreezeExpiredError);
  await expect(cuttingOver(plan)).rejects.toThrow(FreezeExpiredError);
}, 30_000);

type Sql = { withInstance: typeof withInstance; servedCredentials: typeof servedCredentials };

/** No call that changes something ever succeeds: it fails before its effect, and the next time after it. Every third session ends well. */
function failEverything(real: Sql): Sql {
  let [calls, sessions] = [0, 0];
  stage.faults.decide = ({ operation }) => {
    if (!/^(Modify|Put)/.test(operation)) return null;
    calls += 1;
    return calls % 2 === 1 ? 'fail-before' : 'fail-after';
  };
  const failure = () => Object.assign(new Error('asked for'), { name: 'InternalFailure' });
  const failing = async <T>(effect: () => Promise<T>): Promise<T> => {
    sessions += 1;
    if (sessions % 3 === 1) throw failure();
    const value = await effect();
    if (sessions % 3 === 2) throw failure();
    return value;
  };
  return {
    withInstance: (at, use) => failing(() => real.withInstance(at, use)),
    servedCredentials: { ...real.servedCredentials, open: (at) => failing(() => real.servedCredentials.open(at)) },
  };
}

test('where every call fails once before its effect and once after it, calling again ends restored', async () => {
  const real = { withInstance, servedCredentials };
  const plan = await planOf('run-2');
  const old = await rowsOf('carts');
  ({ withInstance, servedCredentials } = failEverything(real));
  try {
    await freezing(plan, true);
    await cuttingOver(plan, { isStubborn: true });
    await loop(async () => ({ ...(await verifying('run-2')), done: true }), true);
    await admitting(plan, true);
  } finally {
    ({ withInstance, servedCredentials } = real);
    stage.faults.decide = () => null;
  }

  const served = await stage.connect('carts');
  expect(await count(served)).toEqual([]);
  expect(await readFence(served)).toBe(TOKEN);
  await served.end();
  expect(await rowsOf('carts-retired')).toEqual(old);
  expect([await groupsOf('carts'), await groupsOf('carts-retired')]).toEqual([[SERVING], [OPS]]);
  await expect(stage.connect('carts-retired')).rejects.toThrow();
  expect(await stage.describe('carts-retired')).toMatchObject({
    ...{ DbiResourceId: plan.source.resourceId, DeletionProtection: true },
  });
  await expect(stage.describe('carts-copy')).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
}, 60_000);

const swapped = { copy: { identifier: 'carts-retired' }, retired: { identifier: 'carts-copy' } };

test('a cutover without a name in between goes back as it came, and is not gone on with', async () => {
  const plan = await planOf('run-3', swapped);
  await freezing(plan);
  let progress: Awaited<ReturnType<typeof cutOver>> | null = null;
  const call = async () => {
    progress = await cutOver({ ...common('run-3'), plan: async () => plan, token: TOKEN, isBackward: false, progress });
  };
  await until('nobody having the name', async () => {
    if (progress?.exchanging === null || progress === null) await call();
    return stage.describe('carts').then(
      () => false,
      () => true,
    );
  });

  await expect(thawing('run-3')).rejects.toThrow(CutoverOpenError);
  expect(await cuttingOver(plan, { isBackward: true })).toMatchObject({ reversed: true });
  expect(await stage.describe('carts')).toMatchObject({
    ...{ DbiResourceId: plan.source.resourceId, DeletionProtection: false },
  });
  await expect(cuttingOver(plan)).rejects.toThrow(CutoverOpenError);
  await thawing('run-3');
  await (await stage.connect('carts')).end();
}, 30_000);

test('nothing but describe calls happens between the renames, which nobody sees who is on the frozen server', async () => {
  const plan = await planOf('run-4', swapped);
  await freezing(plan);
  const { Endpoint } = await stage.describe('carts');
  const ours = { ...common('run-4'), plan };
  const stranger = await stage.connect('carts', PASSWORDS.now, '127.0.0.2');
  await expect(cuttingOver(plan, { token: TOKEN + 1 })).rejects.toThrow(FreezeNotProvedError);
  await stranger.end();
  await until('nobody', () => isAlone(Endpoint?.Port ?? 0));
  await expect(verifying('run-4')).rejects.toThrow(CutoverOpenError);
  const before = stage.calls.all().length;

  await cuttingOver(plan, { token: TOKEN + 1 });

  const calls = stage.calls.all().slice(before);
  const renames = calls.flatMap(({ input }, at) => (input.NewDBInstanceIdentifier === undefined ? [] : [at]));
  expect(renames.map((at) => calls[at]?.input.NewDBInstanceIdentifier)).toEqual(['carts-copy', 'carts']);
  const between = calls.slice((renames[0] ?? 0) + 1, renames[1]);
  expect(new Set(between.map(({ operation }) => operation))).toEqual(new Set(['DescribeDBInstances']));
  expect((await readCutover(stage.documents, 'run-4'))?.value).toMatchObject({
    ...{ copy: { identifier: 'carts-retired' }, old: { resourceId: plan.source.resourceId }, doing: null },
  });
  await expect(admitApplication({ ...ours, progress: null })).rejects.toThrow(CutoverOpenError);
  // Until it is verified, all the way back, and forward again.
  expect(await cuttingOver(plan, { isBackward: true })).toMatchObject({ reversed: true });
  expect((await stage.describe('carts')).DbiResourceId).toBe(plan.source.resourceId);
  await expect(verifying('run-4')).rejects.toThrow(CutoverOpenError);
  await thawing('run-4');
  const again = await planOf('run-5', swapped);
  await freezing(again);
  await cuttingOver(again, { token: TOKEN + 1 });
}, 40_000);

test('what answers under the application’s address is verified before anybody is let in', async () => {
  const onServed = (sql: string) => withDatabase((client) => client.query(sql));
  await onServed('update carthub_db.fence set token = 1');
  await expect(verifying('run-5', TOKEN + 1)).rejects.toThrow(/token/);
  await onServed(`update carthub_db.fence set token = ${TOKEN + 1}`);
  await onServed('create table stray ()');
  await expect(verifying('run-5', TOKEN + 1)).rejects.toThrow(/another schema/);
  await onServed('drop table stray');
  await onServed(`update carthub_db.heartbeat set at = at - interval '1 day'`);
  await expect(verifying('run-5', TOKEN + 1)).rejects.toThrow(/still leads to the old instance/);
  await onServed('update carthub_db.heartbeat set at = clock_timestamp()');
  await expect(stage.connect('carts')).rejects.toThrow();
  // As the sweeper does, which has another token.
  await verifying('run-5', TOKEN + 2);
  expect(await withDatabase(readFence)).toBe(TOKEN + 2);
  await expect(cuttingOver(await planOf('run-5', swapped), { isBackward: true })).rejects.toThrow(CutoverOpenError);
  await admitting(await planOf('run-5', swapped));

  await (await stage.connect('carts')).end();
}, 30_000);
