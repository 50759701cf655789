import { readFile } from 'node:fs/promises';
import type { Client } from 'pg';
import { type ConnectOptions, parseDatabaseSecret, rdsCertificates, withClient } from '../../lib/postgres/connect.ts';
import type { Context } from '../command.ts';
import type { UsedStack } from '../options.ts';

const CONNECT_TIMEOUT_MS = 10_000;

type Bounds = Pick<ConnectOptions, 'readOnly' | 'statementTimeoutMs'>;

/**
 * Lends `use` a connection with the credentials of the database's secret. On AWS the server is verified by the authorities of RDS, or
 * by the file that `PGSSLROOTCERT` names.
 *
 * @param as what `pg_stat_activity` shows
 */
export async function withDatabase<T>(
  options: { used: UsedStack; secret: string | null; as: string; context: Context } & Bounds,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const { used, secret, as: applicationName, context, readOnly = false, statementTimeoutMs = 0 } = options;
  const { stack, local } = used;
  const credentials = parseDatabaseSecret(await stack.secret(secret ?? stack.names.secret));
  const caFile = local?.databaseCaFile ?? context.env.PGSSLROOTCERT;
  const ca = caFile ? await readFile(caFile, 'utf8') : rdsCertificates();
  const bounds = { connectTimeoutMs: CONNECT_TIMEOUT_MS, statementTimeoutMs, readOnly };
  return withClient({ credentials, applicationName, ca, ...bounds }, use);
}
