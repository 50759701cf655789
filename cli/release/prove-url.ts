import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ConnectOptions, rdsCertificates } from '../../lib/postgres/connect.ts';
import { type Credentials, isLoopback } from '../../lib/postgres/credentials.ts';
import type { Context } from '../command.ts';
import { UsageError } from '../errors.ts';

/** A server of which we may use one database, the one that we make there. */
export type ServerAddress = { credentials: Credentials } & Pick<ConnectOptions, 'ca' | 'plaintext'>;

const FORM = 'postgresql://USER@HOST:PORT/postgres';
const REMEDY = `Write it as ${FORM}, with the password in PGPASSWORD; percent-encode what an address reserves.`;

/**
 * What `--server` says. The password may stand in it, or in PGPASSWORD, where no list of processes shows it. Other machines
 * are spoken to in TLS, unless the address says `sslmode=disable`.
 *
 * @throws UsageError, which never repeats the address
 */
export async function readServerUrl(url: string, { env, cwd }: Context): Promise<ServerAddress> {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new UsageError(`--server needs an address: ${FORM}.`, { remedy: REMEDY });
  }
  const host = decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1');
  const username = decode(parsed.username);
  if (host === '' || username === '') {
    const what = host === '' ? 'host; a socket in a folder will not do' : 'user';
    throw new UsageError(`The address of --server names no ${what}.`, { remedy: REMEDY });
  }
  const credentials = {
    ...{ host, username, port: parsed.port === '' ? 5432 : Number(parsed.port) },
    password: decode(parsed.password) || env.PGPASSWORD || '',
    dbname: decode(parsed.pathname.slice(1)) || 'postgres',
  };
  const mode = parsed.searchParams.get('sslmode') ?? (isLoopback(host) ? 'disable' : 'verify-full');
  if (mode === 'disable') return { credentials, ca: null, plaintext: true };
  if (!/^(require|verify-ca|verify-full)$/.test(mode)) {
    throw new UsageError(`--server asks for sslmode=${mode}, which leaves open whether there is TLS.`, {
      remedy: 'Say verify-full, or disable where nobody else is on the network.',
    });
  }
  return { credentials, ca: await certificates(env.PGSSLROOTCERT, cwd) };
}

async function certificates(file: string | undefined, cwd: string): Promise<string | string[]> {
  if (!file) return rdsCertificates();
  try {
    return await readFile(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new UsageError(`PGSSLROOTCERT names ${file}, which cannot be read.`, {
      remedy: 'Name the file with the certificate authority of the server.',
      cause,
    });
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw new UsageError('The address of --server holds a % that begins no character.', { remedy: REMEDY });
  }
}
