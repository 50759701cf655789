import { readFileSync } from 'node:fs';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Client } from 'pg';
import { patience } from '../../lib/aws/patience.ts';
import {
  brokenBecause,
  type Credentials,
  DatabaseUnreachableError,
  parseDatabaseSecret,
  rdsCertificates,
  withClient,
} from '../../lib/postgres/connect.ts';
import { settings } from './settings.ts';

/** Every step of ours is known by this name in `pg_stat_activity`; a run's own sessions carry the name of its Job. */
const APPLICATION_NAME = 'carthub-db';

const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 100_000;

export const secrets = new SecretsManagerClient(patience);
const certificates = settings.PGSSLROOTCERT ? readFileSync(settings.PGSSLROOTCERT, 'utf8') : rdsCertificates();

/**
 * Lends the one connection to the database, with the secret as it is now: a rotation must not need a new container.
 * @throws DatabaseUnreachableError also when the connection breaks on the way
 */
export async function withDatabase<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: settings.DB_SECRET_ARN }));
  return connected(parseDatabaseSecret(secret.SecretString ?? ''), use);
}

/** Lends a connection of ours with these credentials. @throws DatabaseUnreachableError, DatabaseAuthenticationError */
export async function connected<T>(credentials: Credentials, use: (client: Client) => Promise<T>): Promise<T> {
  const options = {
    credentials,
    applicationName: APPLICATION_NAME,
    ca: certificates,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
  };
  return withClient(options, async (client) => {
    try {
      return await use(client);
    } catch (cause) {
      const broken = brokenBecause(client);
      if (broken === null) throw cause;
      throw new DatabaseUnreachableError(`The connection to the database broke: ${broken.message}`, {
        remedy: 'Wait until the database answers again.',
        cause,
      });
    }
  });
}
