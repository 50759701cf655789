import { readFile } from 'node:fs/promises';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import pg from 'pg';
import { parseDatabaseSecret } from '../../lib/postgres/connect.ts';
import type { TestCloud } from './cloud.ts';

const SECRET = { SecretId: 'carthub-db/master' };

/** The database's secret as it is now, as JSON. */
export async function readSecret(cloud: TestCloud): Promise<string> {
  return (await cloud.secrets.send(new GetSecretValueCommand(SECRET))).SecretString ?? '';
}

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

/** A session of the application's own, with the credentials that it has. */
export async function openSession(cloud: TestCloud): Promise<pg.Client> {
  const { SecretString = '' } = await cloud.secrets.send(new GetSecretValueCommand(SECRET));
  const { username, password, host, port, dbname } = parseDatabaseSecret(SecretString);
  const ca = await readFile(cloud.cloud.databaseCaFile, 'utf8');
  const client = new pg.Client({ host, port, database: dbname, user: username, password, ssl: { ca } });
  await client.connect();
  return client;
}

/** The port of the address under which the instance is known. */
export async function databasePort(cloud: TestCloud): Promise<number> {
  const { SecretString = '' } = await cloud.secrets.send(new GetSecretValueCommand(SECRET));
  return parseDatabaseSecret(SecretString).port;
}
