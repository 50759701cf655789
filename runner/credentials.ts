import { readFile } from 'node:fs/promises';
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  type Credentials,
  parseDatabaseSecret,
  parseDatabaseUrl,
  parseManagedSecret,
  rdsCertificates,
} from '../lib/postgres/connect.ts';
import type { Environment } from './environment.ts';
import { RunnerInputError, reason, SecretUnreadableError } from './errors.ts';

/** What of an environment tells how to reach the database. */
type Origin = Pick<Environment, 'databaseUrl' | 'secretArn' | 'allowedHosts' | 'rootCertificate'> & {
  /** Where the database is whose secret does not say so. */
  address?: Address | null;
};

export type Address = Pick<Credentials, 'host' | 'port' | 'dbname'>;

export type Access = { credentials: Credentials; ca: string | readonly string[] | null };

/**
 * How to reach the database: by the address in the environment, or by the secret.
 *
 * @throws DatabaseUrlError, DatabaseSecretError, SecretUnreadableError, RunnerInputError
 */
export async function readAccess(environment: Origin, secrets: SecretsManagerClient): Promise<Access> {
  const { databaseUrl, secretArn, allowedHosts, rootCertificate } = environment;
  if (databaseUrl !== null) {
    const { tls, ...credentials } = parseDatabaseUrl(databaseUrl, allowedHosts);
    return { credentials, ca: tls ? await certificates(rootCertificate) : null };
  }
  const secret = await readSecret(secrets, secretArn ?? '');
  const { address = null } = environment;
  const credentials = address === null ? parseDatabaseSecret(secret) : parseManagedSecret(secret, address);
  return { credentials, ca: await certificates(rootCertificate) };
}

async function readSecret(secrets: SecretsManagerClient, arn: string): Promise<string> {
  try {
    const got = await secrets.send(new GetSecretValueCommand({ SecretId: arn }));
    return got.SecretString ?? '';
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : 'Error';
    throw new SecretUnreadableError(`The secret ${arn} cannot be read: ${name}: ${reason(cause)}.`, {
      remedy: "See that it is there, and that the Job's role may call secretsmanager:GetSecretValue on it.",
      cause,
    });
  }
}

async function certificates(file: string | null): Promise<string | string[]> {
  if (file === null) return rdsCertificates();
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new RunnerInputError(`PGSSLROOTCERT names ${file}, which cannot be read.`, {
      remedy: 'Name the file with the certificate authority of the database, or leave it out for RDS.',
      inputs: ['PGSSLROOTCERT'],
      cause,
    });
  }
}
