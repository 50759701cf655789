import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { callService } from '../call-service.ts';
import { type Service, ServiceError } from '../service.ts';

/** What the secret of a database says (the JSON that Secrets Manager itself makes for RDS). */
const master = z.object({
  username: z.string(),
  password: z.string(),
  host: z.string(),
  port: z.int(),
  dbname: z.string(),
});
export type Master = z.infer<typeof master>;

const value = z.object({ ARN: z.string(), SecretString: z.string() });

/** The secret of that name, with a password of its own unless it is there. Its address is that of nobody until it is told. */
export async function ensureSecret(
  secrets: Service,
  options: { name: string; username: string; dbname: string },
): Promise<{ arn: string; master: Master }> {
  const { name, username, dbname } = options;
  try {
    return await read(secrets, name);
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'ResourceNotFoundException')) throw error;
  }
  const password = randomBytes(24).toString('base64url');
  const SecretString = JSON.stringify({ username, password, host: '127.0.0.1', port: 0, dbname } satisfies Master);
  await callService(secrets, 'CreateSecret', { Name: name, SecretString });
  return read(secrets, name);
}

/** Puts the instance's address into the secret, where it has another one: a port that was taken has been replaced. */
export async function putAddress(
  secrets: Service,
  name: string,
  address: { host: string; port: number },
): Promise<void> {
  const { master: kept } = await read(secrets, name);
  if (kept.host === address.host && kept.port === address.port) return;
  const { host, port } = address;
  await callService(secrets, 'PutSecretValue', {
    SecretId: name,
    SecretString: JSON.stringify({ ...kept, host, port }),
  });
}

async function read(secrets: Service, SecretId: string): Promise<{ arn: string; master: Master }> {
  const { ARN, SecretString } = value.parse(await callService(secrets, 'GetSecretValue', { SecretId }));
  return { arn: ARN, master: master.parse(JSON.parse(SecretString)) };
}
