import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join, relative } from 'node:path';
import { keptBuild } from '../builds/kept-build.ts';
import { packageFolder } from './binaries.ts';
import { runUser } from './run-user.ts';
import { createCluster } from './server.ts';

const ROOT = join(import.meta.dirname, '..');
/** Of the kernel, since initdb tries out how much memory is to be had. */
const REQUEST = JSON.stringify(['postgres', release()]);

/**
 * A new cluster in `folder`, of the superuser `postgres`, as {@link createCluster} makes it, in a quarter of its time: a copy of the
 * one that was made first. All of them have the same system identifier, so it is for servers that do not outlive their user.
 *
 * @param options.processes see {@link createCluster}
 */
export async function copyCluster(folder: string, options: { processes?: string } = {}): Promise<void> {
  const { native } = packageFolder();
  const inputs = ['../package.json', 'bin/initdb', 'bin/postgres'].map((file) => relative(ROOT, join(native, file)));
  let isMade = false;
  const make = async () => {
    await createCluster(folder, { superuser: 'postgres', ...options });
    isMade = true;
    return { outputs: readTree(folder), inputs };
  };
  const { outputs } = await keptBuild({ root: ROOT, name: 'cluster', request: REQUEST, make });
  if (!isMade) writeTree(folder, outputs);
}

type Tree = Record<string, Uint8Array>;
const NOTHING = new Uint8Array();

/** Files by their path; the path of a folder ends in a slash. */
function readTree(folder: string): Tree {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const tree = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    return entry.isDirectory() ? [`${name}/`, NOTHING] : [name, readFileSync(path)];
  });
  return Object.fromEntries(tree);
}

/** A thousand small files: one call after the other takes a third of what promises would. */
function writeTree(folder: string, tree: Tree): void {
  const user = runUser();
  const own = (path: string) => user && chownSync(path, user.uid, user.gid);
  const folders = Object.keys(tree).filter((name) => name.endsWith('/'));
  for (const name of ['', ...folders.sort()]) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    own(join(folder, name));
  }
  for (const [name, content] of Object.entries(tree)) {
    if (name.endsWith('/')) continue;
    writeFileSync(join(folder, name), content, { mode: 0o600 });
    own(join(folder, name));
  }
}
