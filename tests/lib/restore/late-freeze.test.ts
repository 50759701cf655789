import { ModifyDBInstanceCommand } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type * as instances from '../../../functions/edge/instances.ts';
import { putDocument } from '../../../lib/documents/documents.ts';
import { freeze } from '../../../lib/restore/freeze.ts';
import { FreezeExpiredError } from '../../../lib/restore/freeze-errors.ts';
import type { RestorePlan } from '../../../lib/restore/plan.ts';
import { unfreeze } from '../../../lib/restore/unfreeze.ts';
import { keys } from '../../../lib/runs/keys.ts';
import { loop } from '../../support/loop.ts';
import { OPS, planOn, type RestoreStage, SERVING, startRestoreStage } from '../../support/restore-stage.ts';

/** A function that outlives its stopped workflow, and freezes when nobody is there any more to lift it. */
let stage: RestoreStage;
let withInstance: typeof instances.withInstance;
beforeAll(async () => {
  stage = await startRestoreStage(async () => undefined);
  ({ withInstance } = await import('../../../functions/edge/instances.ts'));
}, 60_000);
afterAll(() => stage.stop());

const now = () => new Date();
const common = (run: string) => ({ ...stage, withInstance, run, opsGroup: OPS, now });
const groupsOf = async (identifier: string) =>
  (await stage.describe(identifier)).VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId);

const putFrozen = ({ run, source: { resourceId, groups } }: RestorePlan, since: Date) => {
  const lifted = new Date(since.getTime() + 600_000).toISOString();
  const frozen = {
    format: 1,
    run,
    since: since.toISOString(),
    until: lifted,
    resourceId,
    groups,
    lifted,
    thawed: null,
  };
  return putDocument(stage.documents, keys.restore.freeze(run), frozen, null);
};

test('what is given up before it was frozen is never frozen, by a function that was called before and that nobody waits for either', async () => {
  const plan = await planOn(stage, 'run-late', {});
  await putDocument(stage.documents, keys.restore.plan('run-late'), plan, null);
  expect(await unfreeze({ ...common('run-late'), progress: null })).toMatchObject({ done: true });
  const late = freeze({ ...common('run-late'), plan, maxFreezeSeconds: 600, isAutomatic: true, progress: null });
  await expect(late).rejects.toThrow(FreezeExpiredError);
  expect(await groupsOf('carts')).toEqual([SERVING]);
});

test('a freeze that was written down and not seen yet is waited for: the call may be on its way, and is taken back when it comes', async () => {
  const since = now();
  await putFrozen(await planOn(stage, 'run-flying', {}), since);
  const first = await unfreeze({ ...common('run-flying'), progress: null });
  expect(first).toMatchObject({ done: false, taken: false });
  await stage.rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'carts', VpcSecurityGroupIds: [OPS] }));
  const thawing = loop<typeof first>((progress) => unfreeze({ ...common('run-flying'), progress }));
  expect(await thawing).toMatchObject({ done: true, taken: true });
  expect(await groupsOf('carts')).toEqual([SERVING]);
});

test('after two minutes no such call can come any more', async () => {
  const since = now();
  await putFrozen(await planOn(stage, 'run-flown', {}), since);
  const later = () => new Date(since.getTime() + 180_000);
  const flown = await unfreeze({ ...common('run-flown'), now: later, progress: null });
  expect(flown).toMatchObject({ done: true, taken: false });
});
