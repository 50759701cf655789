import type { Context } from '../context.ts';
import { newIdentifier, requiredText, tagList, takes } from '../input.ts';
import { invalidInstanceState, quotaExceeded, snapshotAlreadyExists } from '../refusals.ts';
import type { Snapshot } from '../snapshot.ts';
import { describeSnapshot } from '../wire.ts';
import { newSnapshot, takeSnapshot } from '../work/back-up.ts';
import { settle } from '../work/settle.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

export const createSnapshot: Operation = async (context, input) => {
  takes('CreateDBSnapshot', input, ['DBInstanceIdentifier', 'DBSnapshotIdentifier', 'Tags']);
  const identifier = newIdentifier(input, 'DBSnapshotIdentifier', 255);
  const instance = instanceNamed(context, requiredText(input, 'DBInstanceIdentifier'));
  const { inventory, works, quotas } = context;
  if (inventory.findSnapshot(identifier)) throw snapshotAlreadyExists(identifier);
  if (instance.status !== 'available') {
    throw invalidInstanceState(
      `Cannot create a snapshot because the database instance ${instance.identifier} is not currently in the available state.`,
    );
  }
  if (manualSnapshots(context).length >= quotas.ManualSnapshots) {
    throw quotaExceeded('Snapshot', quotas.ManualSnapshots);
  }
  const own = tagList(input);
  const copied = instance.settings.CopyTagsToSnapshot ? instance.tags : [];
  const tags = [...own, ...copied.filter(({ Key }) => !own.some((tag) => tag.Key === Key))];
  const snapshot = newSnapshot(context, instance, { identifier, type: 'manual', tags });
  instance.status = 'backing-up';
  await Promise.all([inventory.saveSnapshot(snapshot), inventory.save(instance)]);
  works.begin(instance.resourceId, (signal) => takeSnapshot(context, instance, snapshot, signal));
  settle(context, instance);
  return { DBSnapshot: describeSnapshot(context, snapshot) };
};

export function manualSnapshots({ inventory }: Context): Snapshot[] {
  return inventory.snapshots().filter(({ type }) => type === 'manual');
}
