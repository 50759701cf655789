import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { callService } from '../call-service.ts';
import { notImplemented, type Service, ServiceError } from '../service.ts';
import { arn, type Context } from './context.ts';
import type { Instance } from './instance.ts';

const value = z.object({ ARN: z.string(), SecretString: z.string() });
const credentials = z.object({ username: z.string(), password: z.string() });

/** What Secrets Manager holds of an instance whose master password RDS manages. */
export type ManagedSecret = { arn: string; password: string };

/**
 * The secret that RDS makes for the master user; the one of this token when it is there, so that it may be asked for twice.
 * It holds no address, as RDS's does not.
 */
export async function ensureManagedSecret(context: Context, instance: Instance, token: string): Promise<ManagedSecret> {
  const secrets = secretsOf(context);
  const Name = `rds!db-${token}`;
  const found = await read(secrets, { SecretId: Name });
  if (found) return found;
  await callService(secrets, 'CreateSecret', {
    Name,
    Description: `Secret associated with primary RDS DB instance: ${arn(context, 'db', instance.identifier)}`,
    ClientRequestToken: token,
    SecretString: newCredentials(instance),
    ...(instance.masterSecret ? { KmsKeyId: instance.masterSecret.kmsKeyId } : {}),
    Tags: [
      { Key: 'aws:secretsmanager:owningService', Value: 'rds' },
      { Key: 'aws:rds:primaryDBInstanceArn', Value: arn(context, 'db', instance.identifier) },
    ],
  });
  return ensureManagedSecret(context, instance, token);
}

/** A new version of the secret with a new password, which counts once it is set in the database; `finish` says that it is. */
export async function rotateManagedSecret(
  context: Context,
  instance: Instance,
  token: string,
): Promise<{ password: string; finish: () => Promise<void> }> {
  const secrets = secretsOf(context);
  const SecretId = instance.masterSecret?.arn ?? '';
  const pending = { SecretId, VersionId: token };
  if (!(await read(secrets, pending))) {
    await callService(secrets, 'PutSecretValue', {
      SecretId,
      ClientRequestToken: token,
      SecretString: newCredentials(instance),
      VersionStages: ['AWSPENDING'],
    });
  }
  const { password = '' } = (await read(secrets, pending)) ?? {};
  const finish = async () => {
    const current = await currentVersion(secrets, SecretId);
    if (current === token) return;
    await callService(secrets, 'UpdateSecretVersionStage', {
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: token,
      RemoveFromVersionId: current,
    });
  };
  return { password, finish };
}

/** Deletes it at once, as RDS does when it no longer manages the password, or the instance goes. */
export async function deleteManagedSecret(context: Context, instance: Instance): Promise<void> {
  if (instance.masterSecret === null) return;
  const secrets = secretsOf(context);
  const SecretId = instance.masterSecret.arn;
  if (await read(secrets, { SecretId })) {
    await callService(secrets, 'DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true });
  }
}

async function currentVersion(secrets: Service, SecretId: string): Promise<string> {
  const { VersionId } = z
    .object({ VersionId: z.string() })
    .parse(await callService(secrets, 'GetSecretValue', { SecretId }));
  return VersionId;
}

async function read(secrets: Service, input: Record<string, unknown>): Promise<ManagedSecret | null> {
  try {
    const { ARN, SecretString } = value.parse(await callService(secrets, 'GetSecretValue', input));
    return { arn: ARN, password: credentials.parse(JSON.parse(SecretString)).password };
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return null;
    throw error;
  }
}

function newCredentials({ masterUsername: username }: Instance): string {
  return JSON.stringify({ username, password: randomBytes(21).toString('base64url') });
}

function secretsOf({ secrets }: Context): Service {
  if (!secrets) throw notImplemented('rds', 'a managed master password without a Secrets Manager');
  return secrets;
}
