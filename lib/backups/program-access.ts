import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectOptions } from '../postgres/connect.ts';

/** How to reach a database, for our own sessions and for PostgreSQL's programs. */
export type DatabaseAccess = Pick<ConnectOptions, 'credentials' | 'applicationName' | 'ca' | 'connectTimeoutMs'>;

/**
 * Lends `use` the environment in which PostgreSQL's programs reach a database as we do. The password stands in a file that only
 * we can read, and in no argument or environment, where every process list shows it.
 *
 * @param folder on a volume in memory
 */
export async function withProgramAccess<T>(
  { credentials, applicationName, ca, connectTimeoutMs }: DatabaseAccess,
  folder: string,
  use: (env: Record<string, string>) => Promise<T>,
): Promise<T> {
  const own = await mkdtemp(join(folder, 'pg-'));
  try {
    await chmod(own, 0o700);
    const { host, port, dbname, username, password } = credentials;
    const passwords = join(own, 'pgpass');
    const authorities = join(own, 'ca.pem');
    // Any database: pg_dumpall looks into more than one.
    const line = [host, `${port}`, '*', username, password].map((part, index) =>
      index === 2 ? part : escapePart(part),
    );
    await writeFile(passwords, `${line.join(':')}\n`, { mode: 0o600 });
    if (ca !== null) await writeFile(authorities, [ca].flat().join('\n'), { mode: 0o600 });
    return await use({
      ...{ PGHOST: host, PGPORT: `${port}`, PGUSER: username, PGDATABASE: dbname, PGPASSFILE: passwords },
      ...(ca === null
        ? { PGSSLMODE: 'disable' }
        : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: authorities, PGSSLMINPROTOCOLVERSION: 'TLSv1.2' }),
      ...{
        PGAPPNAME: applicationName,
        PGCONNECT_TIMEOUT: `${Math.ceil(connectTimeoutMs / 1000)}`,
        PGGSSENCMODE: 'disable',
      },
      // Strings are then written in the one form that our reader of the script expects.
      PGOPTIONS: '-c standard_conforming_strings=on -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5',
      // Its messages in English, and nothing of a home folder.
      ...{ LC_ALL: 'C', HOME: own, PATH: '/usr/bin:/bin' },
    });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** https://www.postgresql.org/docs/15/libpq-pgpass.html */
function escapePart(part: string): string {
  return part.replace(/[\\:]/g, (character) => `\\${character}`);
}
