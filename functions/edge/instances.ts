import { GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager';
import type { Client } from 'pg';
import * as z from 'zod/mini';
import { type Credentials, DatabaseAuthenticationError, parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import type { InstanceAddress, ServedCredentials } from '../../lib/restore/instance-access.ts';
import { connected, secrets } from './database.ts';
import { settings } from './settings.ts';

/** RDS's own secrets hold no address (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html). */
const managed = z.object({ username: z.string(), password: z.string() });

/**
 * Lends a connection to an instance by its own address, with the database's secret as it is now, or as it was before its last rotation:
 * a restored copy has the passwords of its moment. An instance whose master password RDS manages has a secret of its own, which is
 * tried first.
 *
 * @throws DatabaseUnreachableError, DatabaseAuthenticationError
 */
export async function withInstance<T>(at: InstanceAddress, use: (client: Client) => Promise<T>): Promise<T> {
  let refused: DatabaseAuthenticationError | null = null;
  for await (const credentials of credentialsFor(at)) {
    let isIn = false;
    try {
      return await connected(credentials, (client) => {
        isIn = true;
        return use(client);
      });
    } catch (error) {
      if (!(error instanceof DatabaseAuthenticationError) || isIn) throw error;
      refused = error;
    }
  }
  throw refused ?? new Error('There are always the credentials of the secret.');
}

/** What the application logs in with: the secret's current version, and no other. */
export const servedCredentials: ServedCredentials = {
  async open(at) {
    try {
      for await (const credentials of credentialsFor(at)) return await connected(credentials, isOpen);
      return false;
    } catch (error) {
      if (error instanceof DatabaseAuthenticationError) return false;
      throw error;
    }
  },
  async current() {
    const secret = await read(settings.DB_SECRET_ARN, 'AWSCURRENT');
    return parseDatabaseSecret(secret ?? '');
  },
};

async function isOpen(client: Client): Promise<boolean> {
  await client.query('select');
  return true;
}

/** Each is read when the one before it was refused. */
async function* credentialsFor({ host, port, secretArn = null }: InstanceAddress): AsyncGenerator<Credentials> {
  const current = { ...parseDatabaseSecret((await read(settings.DB_SECRET_ARN, 'AWSCURRENT')) ?? ''), host, port };
  const own = secretArn === null ? null : await read(secretArn, 'AWSCURRENT');
  if (own !== null) yield { ...current, ...managed.parse(JSON.parse(own)) };
  yield current;
  const previous = await read(settings.DB_SECRET_ARN, 'AWSPREVIOUS');
  if (previous !== null) yield { ...current, ...userOf(parseDatabaseSecret(previous)) };
}

function userOf({ username, password }: Credentials): Pick<Credentials, 'username' | 'password'> {
  return { username, password };
}

/** Null where the secret has no such version: it was never rotated. */
async function read(SecretId: string, VersionStage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<string | null> {
  try {
    return (await secrets.send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString ?? null;
  } catch (error) {
    if (error instanceof ResourceNotFoundException && VersionStage === 'AWSPREVIOUS') return null;
    throw error;
  }
}
