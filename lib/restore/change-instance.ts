import { ModifyDBInstanceCommand, type ModifyDBInstanceMessage, type RDSClient } from '@aws-sdk/client-rds';
import { InstanceVanishedError } from './cutover-errors.ts';
import { hasGroups, isSettled, type ObservedInstance } from './observe-instance.ts';

type Change = Omit<ModifyDBInstanceMessage, 'DBInstanceIdentifier'>;

/**
 * Answers that say that the instance is not as it was when we looked: busy, or its name or the new one has changed hands, perhaps
 * by an earlier try of ours whose answer was lost. The next look tells which.
 */
const LOOK_AGAIN = ['InvalidDBInstanceState', 'DBInstanceNotFound', 'DBInstanceAlreadyExists'];

/**
 * Asks RDS for a change of the instance that was seen; the next look shows how far it is. False when it has to be looked at again first.
 *
 * RDS takes names only, and names change hands: its answer tells which instance it was.
 * @throws InstanceVanishedError
 */
export async function changeInstance(rds: RDSClient, instance: ObservedInstance, change: Change): Promise<boolean> {
  const { identifier, resourceId } = instance;
  try {
    const { DBInstance } = await rds.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: identifier, ...change }));
    if (DBInstance?.DbiResourceId === resourceId) return true;
    throw new InstanceVanishedError(
      `The name ${identifier} went from ${resourceId} to ${DBInstance?.DbiResourceId} while a change was asked for.`,
      { remedy: `See who did that, and look at ${identifier}: it was given what was meant for another one.` },
    );
  } catch (error) {
    if (error instanceof Error && LOOK_AGAIN.some((name) => error.name.startsWith(name))) return false;
    throw error;
  }
}

/**
 * Gives the instance exactly these security groups; true when they are in force. Without ApplyImmediately, which would also bring
 * about what waits for the maintenance window, a restart perhaps: security groups change at once without it
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html).
 */
export async function exchangeGroups(
  rds: RDSClient,
  instance: ObservedInstance,
  groups: readonly string[],
): Promise<boolean> {
  if (!isSettled(instance)) return false;
  if (hasGroups(instance, groups)) return true;
  await changeInstance(rds, instance, { VpcSecurityGroupIds: [...groups] });
  return false;
}
