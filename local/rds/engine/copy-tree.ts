import { chown, constants, copyFile, link, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from '../../../embedded/error-code.ts';
import type { RunUser } from '../../../embedded/run-user.ts';

const LANES = 8;

/**
 * Copies a folder that may be written to meanwhile: what vanishes while it is copied is left out. The copy belongs to
 * `owner`, whoever copies.
 *
 * @param skip what is left out, by its path below `from`; a folder is then made, but empty
 */
export async function copyTree(options: {
  from: string;
  to: string;
  owner: RunUser;
  skip?: (path: string) => boolean;
  signal: AbortSignal;
}): Promise<void> {
  const { from, to, owner, skip = () => false, signal } = options;
  const files: string[] = [];
  const own = async (path: string) => {
    if (owner) await chown(path, owner.uid, owner.gid);
  };

  async function enter(path: string): Promise<void> {
    signal.throwIfAborted();
    await mkdir(join(to, path), { mode: 0o700 });
    await own(join(to, path));
    if (path !== '' && skip(path)) return;
    for (const entry of await unlessGone(readdir(join(from, path), { withFileTypes: true }), [])) {
      const below = path === '' ? entry.name : join(path, entry.name);
      if (entry.isDirectory()) await enter(below);
      else if (entry.isFile() && !skip(below)) files.push(below);
    }
  }

  async function lane(): Promise<void> {
    for (let path = files.pop(); path !== undefined; path = files.pop()) {
      signal.throwIfAborted();
      const copy = join(to, path);
      // Where the file system can share blocks, this copies none.
      const copied = copyFile(join(from, path), copy, constants.COPYFILE_FICLONE).then(() => true);
      if (await unlessGone(copied, false)) await own(copy);
    }
  }

  await enter('');
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Makes a second tree of the same files, for who never writes into them. */
export async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else await link(source, target);
  }
}

async function unlessGone<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return otherwise;
    throw error;
  }
}
