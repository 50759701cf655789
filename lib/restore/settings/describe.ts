import { type Filter, paginateDescribeDBInstances, type RDSClient } from '@aws-sdk/client-rds';
import { type CapturedInstance, capture } from './instance.ts';

/** All that RDS says of the instance, whatever it is called now; null when it is gone. */
export async function describeResource(rds: RDSClient, resourceId: string): Promise<CapturedInstance | null> {
  const [found = null] = await describeInstances(rds, { Name: 'dbi-resource-id', Values: [resourceId] });
  return found;
}

/** The instance that has this name now. */
export async function describeName(rds: RDSClient, identifier: string): Promise<CapturedInstance | null> {
  const [found = null] = await describeInstances(rds, { Name: 'db-instance-id', Values: [identifier] });
  return found;
}

/** All of the account and region, or those that pass the filter. */
export async function describeInstances(rds: RDSClient, filter: Filter | null): Promise<CapturedInstance[]> {
  const found: CapturedInstance[] = [];
  for await (const page of paginateDescribeDBInstances({ client: rds }, filter ? { Filters: [filter] } : {})) {
    found.push(...(page.DBInstances ?? []).map(capture));
  }
  return found;
}
