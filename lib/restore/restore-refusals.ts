import { RestoreRefusedError, RestoreTargetError } from './errors.ts';
import type { RestorePlan } from './plan.ts';

/** What to do about an answer to a restore call that is no copy. */
type Answer = 'look again' | 'later' | 'another zone';

/** The name is there: perhaps it is the copy, of a call whose answer was lost. */
const TAKEN = 'DBInstanceAlreadyExists';
const BUSY = ['InvalidDBInstanceState', 'InvalidDBSnapshotState'];
const NO_CAPACITY = ['InsufficientDBInstanceCapacity', 'ProvisionedIopsNotAvailableInAZ'];

/** Answers that stay what they are until a person does something, by the start of their names, with what that is. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['PointInTimeRestoreNotEnabled', 'Restore from a snapshot: carthub-db restore --snapshot NAME'],
  ['DBInstanceAutomatedBackupNotFound', 'Restore from a snapshot: carthub-db restore --snapshot NAME'],
  ['DBInstanceNotFound', 'Restore from a snapshot: carthub-db restore --snapshot NAME'],
  ['DBSnapshotNotFound', 'See which snapshots there are: aws rds describe-db-snapshots'],
  ['InstanceQuotaExceeded', 'Delete instances that are not needed, or ask for a higher quota in Service Quotas.'],
  ['StorageQuotaExceeded', 'Delete instances that are not needed, or ask for a higher quota in Service Quotas.'],
  ['KMSKeyNotAccessible', 'Let RDS use the KMS key of the instance again (enabled, and granted to it).'],
  ['StorageTypeNotSupported', 'Give the instance another storage type, and start again.'],
  ['DBSubnetGroup', 'Mend the subnet group of the instance.'],
  ['InvalidSubnet', 'Mend the subnet group of the instance.'],
  ['InvalidVPCNetworkState', 'Mend the network of the instance.'],
  ['NetworkTypeNotSupported', 'Mend the subnet group of the instance.'],
  ['DBParameterGroupNotFound', 'Make the parameter group of the instance again.'],
  ['OptionGroupNotFound', 'Make the option group of the instance again.'],
  ['CertificateNotFound', 'Give the instance a certificate authority that is there, and start again.'],
  ['DBSecurityGroupNotFound', 'See that the stack’s security group for operations is there.'],
  ['InvalidRestore', 'Restore from a snapshot: carthub-db restore --snapshot NAME'],
  [
    'InvalidParameterValue',
    'See what the message names; the settings of the instance are in runs/ID/restore/settings.json.',
  ],
  [
    'InvalidParameterCombination',
    'See what the message names; the settings of the instance are in runs/ID/restore/settings.json.',
  ],
]);

/**
 * Throws what no further call would change, and whatever we do not know.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBInstanceToPointInTime.html#API_RestoreDBInstanceToPointInTime_Errors
 */
export function classifyRefusal(error: unknown, { target, copy }: RestorePlan): Answer {
  if (!(error instanceof Error)) throw error;
  const { name, message } = error;
  if (name.startsWith(TAKEN)) return 'look again';
  if (BUSY.some((each) => name.startsWith(each))) return 'later';
  if (NO_CAPACITY.some((each) => name.startsWith(each))) return 'another zone';
  // The logs reach past the target, but this server of RDS does not know it yet.
  if (name === 'InvalidParameterValue' && /later than/i.test(message)) return 'later';
  if (name === 'InvalidParameterValue' && /earlier than/i.test(message)) {
    throw new RestoreTargetError(`${target.time} is no longer in store: ${message}`, {
      remedy: 'Give a later moment, or a snapshot: carthub-db restore --snapshot NAME',
      cause: error,
    });
  }
  const remedy = [...REMEDIES].find(([start]) => name.startsWith(start))?.[1];
  if (remedy === undefined) throw error;
  throw new RestoreRefusedError(`RDS does not make the copy ${copy.identifier}: ${message}`, { remedy, cause: error });
}
