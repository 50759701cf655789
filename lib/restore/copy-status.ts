import { CopyFailedError } from './errors.ts';
import type { CapturedInstance } from './settings/instance.ts';

/** In which RDS takes changes. While it optimizes or loads its storage an instance serves. */
const AVAILABLE: ReadonlySet<string> = new Set(['available', 'storage-optimization', 'storage-initialization']);

const LOOK = 'Look at it: aws rds describe-events --source-type db-instance --duration 1440 --source-identifier';
const KEY = 'Let RDS use the KMS key of the instance again (enabled, and granted to it).';

/**
 * The statuses that an instance does not leave by itself, with what helps. The SDK's own waiter knows five of them, and waits for
 * half an hour in each of the others (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html).
 */
const TERMINAL: ReadonlyMap<string, string> = new Map([
  ['deleted', 'Somebody deleted it. Start the restore again.'],
  ['deleting', 'Somebody deletes it. Start the restore again.'],
  ['failed', 'Start the restore again; it gets another copy.'],
  ['restore-error', 'Start the restore again; it gets another copy.'],
  ['incompatible-restore', 'Restore to a slightly earlier or later moment, or from the snapshot.'],
  ['incompatible-create', 'Start the restore again; it gets another copy.'],
  ['incompatible-parameters', 'Mend the parameter group: a value in it does not fit the class of the instance.'],
  ['incompatible-option-group', 'Mend the option group.'],
  ['incompatible-credentials', 'Set the master password anew.'],
  ['incompatible-network', 'Free addresses in the subnets, and see that the VPC is as RDS needs it.'],
  ['insufficient-capacity', 'Take another class, or try later: the zone has none of this class left.'],
  ['storage-full', 'Give the instance more storage, here and in its copy.'],
  ['inaccessible-encryption-credentials', KEY],
  ['inaccessible-encryption-credentials-recoverable', KEY],
  ['stopped', 'Start it: aws rds start-db-instance'],
  ['stopping', 'Wait until it is stopped, and start it: aws rds start-db-instance'],
]);

/** What helps in a status that does not pass by itself; null for one that does. */
export function stuckIn(status: string): string | null {
  return TERMINAL.get(status) ?? null;
}

export function isAvailable({ DBInstanceStatus }: CapturedInstance): boolean {
  return AVAILABLE.has(DBInstanceStatus);
}

/**
 * Whether the copy takes a change now; false while something passes that does.
 * @throws CopyFailedError
 */
export function checkCopy(copy: CapturedInstance): boolean {
  const remedy = stuckIn(copy.DBInstanceStatus);
  if (remedy === null) return isAvailable(copy);
  const { DBInstanceIdentifier: name, DBInstanceStatus: status } = copy;
  throw new CopyFailedError(`The copy ${name} is ${status}.`, { remedy: `${remedy} ${LOOK} ${name}` });
}

/** Whether nothing is under way any more: what was asked for may wait in one place, and be adopted in another. */
export function isQuiet(copy: CapturedInstance): boolean {
  const { PendingModifiedValues: pending = {}, VpcSecurityGroups = [], DBParameterGroups = [] } = copy;
  const { OptionGroupMemberships = [], AssociatedRoles = [], MasterUserSecret } = copy;
  return (
    isAvailable(copy) &&
    Object.values(pending).every(isEmpty) &&
    VpcSecurityGroups.every(({ Status }) => Status === 'active') &&
    DBParameterGroups.every(({ ParameterApplyStatus }) => ParameterApplyStatus !== 'applying') &&
    OptionGroupMemberships.every(({ Status = '' }) => !/^(pending|applying|removing)/.test(Status)) &&
    AssociatedRoles.every(({ Status }) => Status !== 'PENDING') &&
    (MasterUserSecret?.SecretStatus ?? 'active') === 'active'
  );
}

/** Nothing, or a list or structure of nothing. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}
