import type { RDSClient } from '@aws-sdk/client-rds';
import { DatabaseAuthenticationError } from '../postgres/connect.ts';
import { addressOf, type ServedCredentials, type WithInstance } from './instance-access.ts';
import { ensureServedPassword } from './master-password.ts';
import { observeInstance } from './observe-instance.ts';

/** How the functions get into an instance by its own address. */
export type Login = { withInstance: WithInstance; credentials: ServedCredentials };

/**
 * Whether the functions get into the copy, which has the passwords of its moment: with the secret as it is now or was before its
 * last rotation. Where it was rotated more often since, RDS is asked to set the current password; ask again later.
 *
 * @throws CopyInvalidError when the password is not RDS's to set
 */
export async function canLogIn(
  rds: RDSClient,
  resourceId: string,
  { withInstance, credentials }: Login,
): Promise<boolean> {
  const instance = await observeInstance(rds, resourceId);
  if (instance === null || instance.endpoint === null) return false;
  const { endpoint, masterSecretArn } = instance;
  try {
    await withInstance(addressOf({ endpoint, masterSecretArn }), (client) => client.query('select'));
    return true;
  } catch (error) {
    if (!(error instanceof DatabaseAuthenticationError)) throw error;
  }
  return ensureServedPassword({ rds, instance, credentials });
}
