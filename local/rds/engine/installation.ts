import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { binaries } from '../../../embedded/binaries.ts';
import { runUser } from '../../../embedded/run-user.ts';

const run = promisify(execFile);

/** A PostgreSQL that lets a master user without superuser do what RDS lets him do. */
export type Installation = {
  folder: string;
  /** `15.18` */
  version: string;
  /** What `postgres --describe-config` says, a line per parameter. */
  parameters: string[];
};

/**
 * RDS lets members of rds_superuser create these, which PostgreSQL leaves to superusers. The trusted ones need nothing
 * (https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-extensions.html).
 */
const GRANTED = [
  ...['amcheck', 'autoinc', 'bloom', 'dblink', 'earthdistance', 'insert_username', 'intagg', 'moddatetime'],
  ...['old_snapshot', 'pageinspect', 'pg_buffercache', 'pg_freespacemap', 'pg_prewarm', 'pg_stat_statements'],
  ...['pg_visibility', 'pg_walinspect', 'pgrowlocks', 'pgstattuple', 'postgres_fdw', 'refint', 'sslinfo', 'xml2'],
];

/**
 * Makes the installation in `folder`, anew at every start: it is links into the package, which may have moved, and copies of
 * what differs. PostgreSQL finds its files from where its binary really lies, so that one is a copy.
 */
export async function makeInstallation(folder: string): Promise<Installation> {
  const original = await binaries(runUser());
  await rm(folder, { recursive: true, force: true });
  const at = (...path: string[]) => join(folder, ...path);
  const share = ['share', 'postgresql'];
  for (const path of [[], ['bin'], ['share'], share, [...share, 'extension']]) {
    await mkdir(at(...path), { recursive: true });
    await chmod(at(...path), 0o755);
  }
  await copyFile(join(original, 'bin', 'postgres'), at('bin', 'postgres'));
  await chmod(at('bin', 'postgres'), 0o755);
  await symlink(join(original, 'lib'), at('lib'));
  await link(join(original, ...share), at(...share));
  await link(join(original, ...share, 'extension'), at(...share, 'extension'));
  await Promise.all(GRANTED.map((name) => trust(at(...share, 'extension', `${name}.control`))));
  const { stdout: version } = await run(at('bin', 'postgres'), ['--version']);
  const { stdout: parameters } = await run(at('bin', 'postgres'), ['--describe-config'], { maxBuffer: 2 ** 24 });
  return { folder, version: version.trim().split(' ').at(-1) ?? '15', parameters: parameters.trim().split('\n') };
}

async function link(from: string, to: string): Promise<void> {
  const names = (await readdir(from)).filter((name) => name !== 'extension');
  await Promise.all(names.map((name) => symlink(join(from, name), join(to, name))));
}

/** A trusted extension's script runs as the superuser, whoever creates it (PostgreSQL 13 and up). */
async function trust(control: string): Promise<void> {
  const text = await readFile(control, 'utf8');
  await writeFile(`${control}.new`, `${text}\ntrusted = true\n`, { mode: 0o644 });
  await chmod(`${control}.new`, 0o644);
  await rename(`${control}.new`, control);
}
