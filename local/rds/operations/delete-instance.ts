import { flag, identifierIn, newIdentifier, requiredText, takes, text } from '../input.ts';
import type { Instance } from '../instance.ts';
import { invalidCombination, invalidInstanceState, quotaExceeded, snapshotAlreadyExists } from '../refusals.ts';
import { describeInstance } from '../wire.ts';
import { settle } from '../work/settle.ts';
import { manualSnapshots } from './create-snapshot.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

const BROKEN: Instance['status'][] = ['failed', 'incompatible-restore'];

export const deleteInstance: Operation = async (context, input) => {
  takes('DeleteDBInstance', input, [
    ...['DBInstanceIdentifier', 'SkipFinalSnapshot', 'FinalDBSnapshotIdentifier', 'DeleteAutomatedBackups'],
  ]);
  const instance = instanceNamed(context, identifierIn(requiredText(input, 'DBInstanceIdentifier')));
  const skips = flag(input, 'SkipFinalSnapshot') ?? false;
  const named = text(input, 'FinalDBSnapshotIdentifier');
  const isBroken = BROKEN.includes(instance.status);
  if (skips && named !== null) {
    throw invalidCombination('FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is enabled.');
  }
  if (!skips && named === null) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (instance.settings.DeletionProtection) {
    throw invalidCombination('Cannot delete protected DB Instance, please disable deletion protection and try again.');
  }
  const finalSnapshot = skips ? null : newIdentifier(input, 'FinalDBSnapshotIdentifier', 255);
  if (instance.status !== 'available' && !(isBroken && skips)) {
    throw invalidInstanceState(
      instance.status === 'deleting'
        ? `Instance ${instance.identifier} is already being deleted.`
        : `Instance ${instance.identifier} is not in available state: it is ${instance.status}.`,
    );
  }
  if (finalSnapshot !== null && context.inventory.findSnapshot(finalSnapshot)) {
    throw snapshotAlreadyExists(finalSnapshot);
  }
  const { ManualSnapshots: max } = context.quotas;
  if (finalSnapshot !== null && manualSnapshots(context).length >= max) throw quotaExceeded('Snapshot', max);

  instance.status = 'deleting';
  instance.deletion = { finalSnapshot, keepBackups: flag(input, 'DeleteAutomatedBackups') === false };
  await context.inventory.save(instance);
  settle(context, instance);
  return { DBInstance: describeInstance(context, instance) };
};
