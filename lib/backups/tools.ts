import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BackupToolMissingError, BackupToolVersionError } from './errors.ts';

/** PostgreSQL's own programs of one version, by their paths. */
export type Tools = { dump: string; dumpAll: string; restore: string; major: number; version: string };

/** Where to look: `PG_BIN` when it is given and nowhere else; otherwise where packages of that version put it, then PATH. */
export type ToolPlaces = { pgBin: string | null; path: string };

/**
 * The programs of the server's major version. An older pg_dump refuses the server; a newer one writes what an older server
 * cannot read (`SET transaction_timeout`), and on the day of the restore.
 *
 * @throws BackupToolMissingError, BackupToolVersionError
 */
export async function findTools({ pgBin, path }: ToolPlaces, major: number): Promise<Tools> {
  const packaged = [`/usr/lib/postgresql/${major}/bin`, `/usr/libexec/postgresql${major}`];
  const folders = pgBin === null ? [...packaged, ...path.split(':').filter(Boolean)] : [pgBin];
  const install = `Install it in the image (Debian: apt-get install postgresql-client-${major}; Alpine: apk add postgresql${major}-client), or name its folder: PG_BIN=...`;
  const others: string[] = [];
  for (const folder of folders) {
    const found = await versionIn(folder);
    if (found === null) continue;
    if (found.major === major) return { ...programs(folder), ...found };
    others.push(`${folder} has ${found.version}`);
  }
  if (others.length > 0) {
    throw new BackupToolVersionError(
      `The server is PostgreSQL ${major}, and pg_dump, pg_dumpall and pg_restore of that version are not there: ${others.join('; ')}.`,
      { remedy: install },
    );
  }
  throw new BackupToolMissingError(
    pgBin === null
      ? 'pg_dump, pg_dumpall and pg_restore are not on the PATH.'
      : `pg_dump, pg_dumpall and pg_restore are not in ${pgBin}.`,
    { remedy: install },
  );
}

function programs(folder: string): Omit<Tools, 'major' | 'version'> {
  return { dump: join(folder, 'pg_dump'), dumpAll: join(folder, 'pg_dumpall'), restore: join(folder, 'pg_restore') };
}

/** null unless all three are there and of one major version. */
async function versionIn(folder: string): Promise<{ major: number; version: string } | null> {
  const said = await Promise.all(Object.values(programs(folder)).map(askVersion));
  const majors = said.map((text) => Number(/\(PostgreSQL\) (\d+)/.exec(text ?? '')?.[1] ?? 0));
  const [version] = said;
  const [major = 0] = majors;
  return version && major > 0 && majors.every((each) => each === major) ? { major, version } : null;
}

async function askVersion(program: string): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { env: { LC_ALL: 'C' }, timeout: 10_000 });
    return stdout.trim();
  } catch {
    // Not there, not executable, or not able to run here: in each case it is no program that can be used.
    return null;
  }
}
