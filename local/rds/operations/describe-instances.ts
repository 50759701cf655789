import type { Context } from '../context.ts';
import { filterOf } from '../filters.ts';
import { identifierIn, takes, text } from '../input.ts';
import type { Instance } from '../instance.ts';
import { page } from '../pages.ts';
import { instanceNotFound } from '../refusals.ts';
import { describeInstance } from '../wire.ts';
import type { Operation } from './operation.ts';

export const describeInstances: Operation = async (context, input) => {
  takes('DescribeDBInstances', input, ['DBInstanceIdentifier', 'Filters', 'Marker', 'MaxRecords']);
  const wanted = text(input, 'DBInstanceIdentifier');
  const found = wanted === null ? context.inventory.instances() : [instanceNamed(context, wanted)];
  const passes = filterOf<Instance>(input, {
    'db-instance-id': ({ identifier }) => identifier,
    'dbi-resource-id': ({ resourceId }) => resourceId,
    engine: () => 'postgres',
    'db-cluster-id': () => '',
    domain: () => '',
  });
  const { items, Marker } = page({ items: found.filter(passes), key: ({ identifier }) => identifier, input });
  return { DBInstances: { DBInstance: items.map((each) => describeInstance(context, each)) }, Marker };
};

/** The instance of this identifier or ARN. */
export function instanceNamed({ inventory }: Context, name: string): Instance {
  const instance = inventory.find(identifierIn(name));
  if (!instance) throw instanceNotFound(name);
  return instance;
}
