import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import type { TestCloud } from './cloud.ts';

const SECRET = { SecretId: 'carthub-db/master' };

/** Changes fields of the database's secret while `use` runs. */
export async function withSecret<T>(cloud: TestCloud, change: object, use: () => Promise<T>): Promise<T> {
  const { SecretString = '' } = await cloud.secrets.send(new GetSecretValueCommand(SECRET));
  const changed = JSON.stringify({ ...JSON.parse(SecretString), ...change });
  await cloud.secrets.send(new PutSecretValueCommand({ ...SECRET, SecretString: changed }));
  try {
    return await use();
  } finally {
    await cloud.secrets.send(new PutSecretValueCommand({ ...SECRET, SecretString }));
  }
}

/** The port of the address under which the instance is known. */
export async function databasePort(cloud: TestCloud): Promise<number> {
  const { SecretString = '' } = await cloud.secrets.send(new GetSecretValueCommand(SECRET));
  return parseDatabaseSecret(SecretString).port;
}
