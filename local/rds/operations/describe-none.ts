import { takes } from '../input.ts';
import type { Operation } from './operation.ts';

/** What nobody can make here, and so is never there. */
export const describeProxies: Operation = async (_context, input) => {
  takes('DescribeDBProxies', input, ['MaxRecords', 'Marker']);
  return { DBProxies: { member: [] } };
};

export const describeEventSubscriptions: Operation = async (_context, input) => {
  takes('DescribeEventSubscriptions', input, ['MaxRecords', 'Marker']);
  return { EventSubscriptionsList: { EventSubscription: [] } };
};
