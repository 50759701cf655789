import { parametersOf } from '../engine/parameters.ts';
import { requiredText, takes, text } from '../input.ts';
import { page } from '../pages.ts';
import { checkParameterGroup } from './create-instance.ts';
import type { Operation } from './operation.ts';

export const describeParameters: Operation = async (context, input) => {
  takes('DescribeDBParameters', input, ['DBParameterGroupName', 'Source', 'Marker', 'MaxRecords']);
  const group = requiredText(input, 'DBParameterGroupName');
  checkParameterGroup(context, group);
  const source = text(input, 'Source');
  const all = parametersOf(context.installation.parameters, context.parameterGroups[group] ?? {});
  const wanted = all.filter(({ Source }) => source === null || Source === source);
  const { items, Marker } = page({ items: wanted, key: ({ ParameterName }) => ParameterName, input });
  return { Parameters: { Parameter: items }, Marker };
};
