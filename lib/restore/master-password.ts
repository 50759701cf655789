import type { RDSClient } from '@aws-sdk/client-rds';
import { changeInstance } from './change-instance.ts';
import { CopyInvalidError } from './cutover-errors.ts';
import { addressOf, type ServedCredentials } from './instance-access.ts';
import { isSettled, type ObservedInstance } from './observe-instance.ts';

/**
 * True when what the application logs in with opens the instance. A copy has the passwords of its moment: where the secret was
 * rotated since, RDS is asked to set the current one, and this is called again.
 *
 * @throws CopyInvalidError when it is not RDS's to set
 */
export async function ensureServedPassword(options: {
  rds: RDSClient;
  instance: ObservedInstance;
  credentials: ServedCredentials;
}): Promise<boolean> {
  const { rds, instance, credentials } = options;
  const { endpoint, masterSecretArn, masterUsername, identifier } = instance;
  if (!isSettled(instance) || endpoint === null) return false;
  if (await credentials.open(addressOf({ endpoint, masterSecretArn }))) return true;
  // RDS itself is about to set it.
  if (masterSecretArn !== null) return false;
  const { username, password } = await credentials.current();
  if (username !== masterUsername) {
    throw new CopyInvalidError(
      `The secret does not open ${identifier}, and its user ${username} is not the master user, ${masterUsername}.`,
      { remedy: `Set the password of ${username} there by hand to the one in the secret, then go on.` },
    );
  }
  await changeInstance(rds, instance, { MasterUserPassword: password });
  return false;
}
