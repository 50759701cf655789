import type { Context } from '../context.ts';
import { filterOf } from '../filters.ts';
import { identifierIn, takes, text } from '../input.ts';
import { page } from '../pages.ts';
import { invalidValue, snapshotNotFound } from '../refusals.ts';
import type { Snapshot } from '../snapshot.ts';
import { describeSnapshot, nameOf } from '../wire.ts';
import type { Operation } from './operation.ts';

const TYPES = ['manual', 'automated'];

export const describeSnapshots: Operation = async (context, input) => {
  takes('DescribeDBSnapshots', input, [
    ...['DBInstanceIdentifier', 'DBSnapshotIdentifier', 'DbiResourceId', 'SnapshotType', 'Filters'],
    ...['IncludeShared', 'IncludePublic', 'Marker', 'MaxRecords'],
  ]);
  const wanted = text(input, 'DBSnapshotIdentifier');
  const instance = text(input, 'DBInstanceIdentifier');
  const resource = text(input, 'DbiResourceId');
  const type = text(input, 'SnapshotType');
  if (type !== null && !TYPES.includes(type)) throw invalidValue(`Invalid snapshot type: ${type}`);
  const found = wanted === null ? context.inventory.snapshots() : [snapshotNamed(context, wanted)];
  const passes = filterOf<Snapshot>(input, {
    'db-instance-id': (each) => nameOf(context, each.instance),
    'db-snapshot-id': (each) => each.identifier,
    'dbi-resource-id': (each) => each.instance.resourceId,
    'snapshot-type': (each) => each.type,
    engine: () => 'postgres',
  });
  const matching = found.filter(
    (each) =>
      passes(each) &&
      (instance === null || nameOf(context, each.instance) === identifierIn(instance)) &&
      (resource === null || each.instance.resourceId === resource) &&
      (type === null || each.type === type),
  );
  const { items, Marker } = page({ items: matching, key: ({ identifier }) => identifier, input });
  return { DBSnapshots: { DBSnapshot: items.map((each) => describeSnapshot(context, each)) }, Marker };
};

/** The snapshot of this identifier or ARN. */
export function snapshotNamed({ inventory }: Context, name: string): Snapshot {
  const snapshot = inventory.findSnapshot(identifierIn(name));
  if (!snapshot) throw snapshotNotFound(name);
  return snapshot;
}
