import { flag, requiredText, takes } from '../input.ts';
import { invalidCombination, invalidInstanceState } from '../refusals.ts';
import { describeInstance } from '../wire.ts';
import { settle } from '../work/settle.ts';
import { instanceNamed } from './describe-instances.ts';
import type { Operation } from './operation.ts';

export const rebootInstance: Operation = async (context, input) => {
  takes('RebootDBInstance', input, ['DBInstanceIdentifier', 'ForceFailover']);
  const instance = instanceNamed(context, requiredText(input, 'DBInstanceIdentifier'));
  if (instance.status !== 'available') {
    throw invalidInstanceState(`Instance ${instance.identifier} is not in available state.`);
  }
  if (flag(input, 'ForceFailover') && !instance.settings.MultiAZ) {
    throw invalidCombination('ForceFailover cannot be specified since the instance is not configured for MultiAZ.');
  }
  instance.status = 'rebooting';
  await context.inventory.save(instance);
  settle(context, instance);
  return { DBInstance: describeInstance(context, instance) };
};
