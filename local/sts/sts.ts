import { notImplemented, type Service } from '../service.ts';

/** Security Token Service: says who we are, which is all that anybody asks of it. */
export function createSts(options: { account: string; accessKeyId: string }): Service {
  return {
    name: 'sts',
    protocol: 'query',
    async call({ operation }) {
      if (operation !== 'GetCallerIdentity') throw notImplemented('sts', operation ?? '');
      return {
        body: { Arn: `arn:aws:iam::${options.account}:root`, UserId: options.accessKeyId, Account: options.account },
      };
    },
  };
}
