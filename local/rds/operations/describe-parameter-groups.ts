import { arn } from '../context.ts';
import { takes, text } from '../input.ts';
import { page } from '../pages.ts';
import { checkParameterGroup } from './create-instance.ts';
import type { Operation } from './operation.ts';

export const describeParameterGroups: Operation = async (context, input) => {
  takes('DescribeDBParameterGroups', input, ['DBParameterGroupName', 'Marker', 'MaxRecords']);
  const wanted = text(input, 'DBParameterGroupName');
  if (wanted !== null) checkParameterGroup(context, wanted);
  const names = Object.keys(context.parameterGroups).filter((name) => wanted === null || name === wanted);
  const { items, Marker } = page({ items: names, key: (name) => name, input });
  const groups = items.map((name) => ({
    DBParameterGroupName: name,
    DBParameterGroupFamily: 'postgres15',
    Description: name.startsWith('default.') ? 'Default parameter group for postgres15' : name,
    DBParameterGroupArn: arn(context, 'pg', name),
  }));
  return { DBParameterGroups: { DBParameterGroup: groups }, Marker };
};
