import { type DBInstance, DescribeDBInstancesCommand, type Filter, type RDSClient } from '@aws-sdk/client-rds';
import { InstanceVanishedError } from './cutover-errors.ts';

/** What of an instance a freeze and a cutover go by. */
export type ObservedInstance = {
  /** Stays the same for ever, while the identifier changes hands. */
  resourceId: string;
  identifier: string;
  status: string;
  groups: { id: string; isActive: boolean }[];
  /** Null while nothing answers. */
  endpoint: { host: string; port: number } | null;
  isProtected: boolean;
  /** The name that it is about to have. */
  nextIdentifier: string | null;
  masterUsername: string;
  /** Of the secret in which RDS itself keeps the master user's password; null where it does not. */
  masterSecretArn: string | null;
  tags: Record<string, string>;
};

/** The instance, whatever it is called now; null when it is gone. */
export async function observeInstance(rds: RDSClient, resourceId: string): Promise<ObservedInstance | null> {
  const [found] = await observeInstances(rds, 'dbi-resource-id', [resourceId]);
  return found ?? null;
}

/** The instance that has this name now; null when nobody has it. */
export async function observeName(rds: RDSClient, identifier: string): Promise<ObservedInstance | null> {
  const [found] = await observeInstances(rds, 'db-instance-id', [identifier]);
  return found ?? null;
}

/** All that are there. A filter finds nothing where a call by name would fail, and resource ids can be asked for by filter only. */
export async function observeInstances(
  rds: RDSClient,
  by: 'dbi-resource-id' | 'db-instance-id',
  values: string[],
): Promise<ObservedInstance[]> {
  const filter: Filter = { Name: by, Values: values };
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ Filters: [filter] }));
  return DBInstances.map(observed);
}

/** The same, for an instance that has to be there. @throws InstanceVanishedError */
export async function observeExisting(rds: RDSClient, resourceId: string, what: string): Promise<ObservedInstance> {
  const found = await observeInstance(rds, resourceId);
  if (found) return found;
  throw new InstanceVanishedError(`The ${what} instance ${resourceId} is not there any more.`, {
    remedy: 'See who deleted it: aws rds describe-events --source-type db-instance --duration 1440',
  });
}

function observed(instance: DBInstance): ObservedInstance {
  const { Address: host, Port: port } = instance.Endpoint ?? {};
  return {
    resourceId: instance.DbiResourceId ?? '',
    identifier: instance.DBInstanceIdentifier ?? '',
    status: instance.DBInstanceStatus ?? 'unknown',
    groups: (instance.VpcSecurityGroups ?? []).map(({ VpcSecurityGroupId: id = '', Status }) => ({
      ...{ id, isActive: Status === 'active' },
    })),
    endpoint: host !== undefined && port !== undefined ? { host, port } : null,
    isProtected: instance.DeletionProtection ?? false,
    nextIdentifier: instance.PendingModifiedValues?.DBInstanceIdentifier ?? null,
    masterUsername: instance.MasterUsername ?? '',
    masterSecretArn: instance.MasterUserSecret?.SecretArn ?? null,
    tags: Object.fromEntries((instance.TagList ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  };
}

/** In which RDS takes a change. */
const CHANGEABLE: ReadonlySet<string> = new Set(['available', 'storage-optimization', 'storage-initialization']);

/** Whether nothing is being changed of it, and it answers. */
export function isSettled({ status, groups, nextIdentifier, endpoint }: ObservedInstance): boolean {
  return (
    CHANGEABLE.has(status) && groups.every(({ isActive }) => isActive) && nextIdentifier === null && endpoint !== null
  );
}

/** Whether exactly these security groups decide who gets in. */
export function hasGroups({ groups }: Pick<ObservedInstance, 'groups'>, wanted: readonly string[]): boolean {
  const isSame = groups.length === wanted.length && wanted.every((id) => groups.some((group) => group.id === id));
  return isSame && groups.every(({ isActive }) => isActive);
}
