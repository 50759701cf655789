import { DescribeDBInstancesCommand, DescribeDBSnapshotsCommand } from '@aws-sdk/client-rds';
import { StartExecutionCommand, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestCloud, type TestCloud } from '../support/cloud.ts';
import { settled } from '../support/execution.ts';
import { until } from '../support/until.ts';

/** One database on its way from a file that breaks it to its restore, whose root dies when nobody has the name. */
let cloud: TestCloud;
beforeAll(async () => {
  cloud = await startTestCloud();
  expect(await cloud.migrate(BASE)).toMatchObject({ exit: 0 });
  await cloud.query('insert into carts (total) select n from generate_series(1, 10) n');
}, 120_000);
afterAll(() => cloud?.stop());

const BASE = { '001.do.carts.sql': 'create table carts (id serial primary key, total int not null);\n' };
const FILE = '002.do.halve.sql';
const BREAKING = {
  ...BASE,
  [FILE]: `-- carthub: no-transaction
create procedure halve() language plpgsql as $$ begin
  update carts set total = 0 where id <= 5; commit;
  raise exception 'half way';
end $$;
call halve();
`,
};

async function database() {
  const [sum] = await cloud.query<{ sum: number }>('select sum(total)::int from carts');
  const history = await cloud.query('select version, sha256 from carthub_db.schemaversion order by version');
  const procedures = await cloud.query(`select proname from pg_proc where proname = 'halve'`);
  return { sum: sum?.sum, history, procedures };
}

let before: Awaited<ReturnType<typeof database>>;
let broken: string;

test('a file that breaks the database by its own SQL is kept where that is asked for, and quarantined', async () => {
  before = await database();
  const kept = await cloud.migrate(BREAKING, '--on-failure', 'keep');
  expect(kept).toMatchObject({
    ...{ exit: 5, stderr: expect.any(String) },
    json: { outcome: 'FailedKept', assessment: { state: 'Dirty' }, restore: { attempted: false } },
  });
  broken = String(kept.json.run);
  expect(kept.json).toHaveProperty('restore.finish', `carthub-db restore --before-run ${broken}`);
  expect((await database()).sum).not.toBe(before.sum);
  expect(await cloud.document('quarantine/carthub.json')).toMatchObject({ files: [{ file: FILE, run: broken }] });
  const { DBSnapshots } = await cloud.rds.send(
    new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: String(kept.json.snapshot) }),
  );
  expect(DBSnapshots?.[0]?.TagList).toContainEqual({ Key: 'carthub-db:keep', Value: 'dirty' });
}, 120_000);

test('a restore whose root dies when nobody has the name is finished by the sweeper, which names the outcome', async () => {
  const { region, account } = cloud.cloud;
  const rename = { NewDBInstanceIdentifier: 'carthub-db' };
  await cloud.arm({ service: 'rds', operation: 'ModifyDBInstance', mode: 'hang', where: rename });
  const { executionArn = '' } = await cloud.sfn.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:carthub-db-carthub-restore`,
      name: 'restore-1',
      input: JSON.stringify({
        ...{ database: 'carthub', order: { to: 'run', run: broken } },
        // What a procedure commits by itself looks like others' writes.
        acceptLoss: 'all',
        ...{ reason: 'the carts are empty', requestedBy: 'a test' },
      }),
    }),
  );
  await until('the copy’s rename', async () =>
    (await cloud.calls()).some(
      ({ operation, input }) => operation === 'ModifyDBInstance' && input.NewDBInstanceIdentifier === 'carthub-db',
    ),
  );
  await cloud.sfn.send(new StopExecutionCommand({ executionArn }));
  const record = await settled(cloud, executionArn);
  expect(record).toMatchObject({
    ...{ outcome: 'Restored', kind: 'restore', error: null, version: { after: 1 } },
    restore: { done: true, copy: 'carthub-db', retired: expect.stringMatching(/^carthub-db-retired-/) },
  });
  expect(record.restore?.frozenSeconds).toBeGreaterThan(0);
  expect(await cloud.document('leases/carthub.json')).toMatchObject({ dirty: null, run: null, restore: null });
  expect(await database()).toEqual(before);
  const { DBInstances = [] } = await cloud.rds.send(new DescribeDBInstancesCommand({}));
  expect(DBInstances.map(({ DBInstanceIdentifier: name, DeletionProtection }) => [name, DeletionProtection])).toEqual([
    ['carthub-db', expect.any(Boolean)],
    [expect.stringMatching(/^carthub-db-retired-/), true],
  ]);
}, 240_000);

test('the file is refused as it is, until a person lets it be tried again; mended, it is another file', async () => {
  expect(await cloud.migrate(BREAKING)).toMatchObject({
    exit: 7,
    json: { outcome: 'Refused', error: { name: 'QuarantinedError', message: expect.stringContaining(broken) } },
  });
  const mended = { ...BASE, [FILE]: 'update carts set total = total / 2;\n' };
  expect(await cloud.migrate(mended)).toMatchObject({ exit: 0, json: { outcome: 'Migrated' } });
}, 120_000);
