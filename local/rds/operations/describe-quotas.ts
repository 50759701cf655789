import { takes } from '../input.ts';
import { manualSnapshots } from './create-snapshot.ts';
import type { Operation } from './operation.ts';

/** DescribeAccountAttributes: those quotas that this service keeps. */
export const describeQuotas: Operation = async (context, input) => {
  takes('DescribeAccountAttributes', input, []);
  const { inventory, quotas, parameterGroups } = context;
  const instances = inventory.instances();
  const storage = instances.reduce((sum, { settings }) => sum + settings.AllocatedStorage, 0);
  return {
    AccountQuotas: {
      AccountQuota: [
        { AccountQuotaName: 'DBInstances', Used: instances.length, Max: quotas.DBInstances },
        { AccountQuotaName: 'ManualSnapshots', Used: manualSnapshots(context).length, Max: quotas.ManualSnapshots },
        { AccountQuotaName: 'AllocatedStorage', Used: storage, Max: quotas.AllocatedStorage },
        { AccountQuotaName: 'DBParameterGroups', Used: Object.keys(parameterGroups).length, Max: 50 },
      ],
    },
  };
};
