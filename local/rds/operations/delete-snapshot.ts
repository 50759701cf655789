import { requiredText, takes } from '../input.ts';
import { invalidSnapshotState } from '../refusals.ts';
import { describeSnapshot } from '../wire.ts';
import { isBeingRestored } from '../work/back-up.ts';
import { snapshotNamed } from './describe-snapshots.ts';
import type { Operation } from './operation.ts';

export const deleteSnapshot: Operation = async (context, input) => {
  takes('DeleteDBSnapshot', input, ['DBSnapshotIdentifier']);
  const snapshot = snapshotNamed(context, requiredText(input, 'DBSnapshotIdentifier'));
  const { identifier, type, status } = snapshot;
  if (type === 'automated') throw invalidSnapshotState(identifier, 'is automated and goes with its instance');
  if (status !== 'available' && status !== 'failed') throw invalidSnapshotState(identifier, `is ${status}`);
  if (isBeingRestored(context, snapshot)) throw invalidSnapshotState(identifier, 'is being restored');
  // Seen by a start that follows a crash in the middle.
  snapshot.status = 'deleting';
  await context.inventory.saveSnapshot(snapshot);
  await context.inventory.removeSnapshot(snapshot);
  return { DBSnapshot: { ...describeSnapshot(context, snapshot), Status: 'deleted' } };
};
