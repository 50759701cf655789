import type { Identity } from '../identities.ts';
import { notImplemented, type Service } from '../service.ts';

/** Security Token Service: says who the caller is, which is all that anybody asks of it. */
export function createSts(options: { account: string; identities: Identity[] }): Service {
  return {
    name: 'sts',
    protocol: 'query',
    async call({ operation, caller }) {
      if (operation !== 'GetCallerIdentity') throw notImplemented('sts', operation ?? '');
      const identity = options.identities.find(({ accessKeyId }) => accessKeyId === caller) ?? options.identities[0];
      return { body: { Arn: identity?.arn, UserId: identity?.accessKeyId, Account: options.account } };
    },
  };
}
