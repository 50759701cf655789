import { randomBytes } from 'node:crypto';
import { lstatSync, readFileSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasCode } from '../embedded/error-code.ts';
import { startTime } from '../embedded/processes.ts';
import { changedSince, digestsOf, type Inputs, isUnchanged } from './inputs.ts';
import { type Build, pack, unpack } from './pack.ts';

/** What was built: files by their name. `inputs` is null when one of them changed meanwhile. */
export type Built = { outputs: Build['outputs']; inputs: Inputs | null };

type Options = {
  /** The checkout. */
  root: string;
  /** Of each name one build is kept, the last. */
  name: string;
  /** Tells apart what is to be built of the same files. */
  request: string;
  /** Builds, and says what it read, by the path from the root. */
  make: () => Promise<{ outputs: Build['outputs']; inputs: readonly string[] }>;
};

/**
 * What `make` builds of a checkout, or what an earlier call with the same `request` has left in `node_modules/.cache`, if
 * every file that went in still has the content that it had. So many data folders cost one build. Where `node_modules` is
 * not there, is another checkout's or cannot be written, every call builds.
 */
export async function keptBuild(options: Options): Promise<Built> {
  const { root, name, request, make } = options;
  const modules = join(root, 'node_modules');
  if (!isFolder(modules)) return build(root, make, Date.now());
  const file = join(modules, CACHE, `${name}.build`);
  const kept = read(file);
  if (kept?.request === request && isUnchanged(root, kept.inputs)) return kept;
  const half = await begin(file, modules);
  if (half === null) return build(root, make, Date.now());
  try {
    // By the clock of the file system, which goes in steps.
    const built = await build(root, make, (await stat(half)).ctimeMs);
    if (built.inputs !== null) await keep({ ...built, inputs: built.inputs, request }, half, file);
    return built;
  } finally {
    await rm(half, { force: true });
  }
}

async function build(root: string, make: Options['make'], start: number): Promise<Built> {
  const { outputs, inputs } = await make();
  const digests = digestsOf(root, inputs);
  // Looked at last: a change before has another time, and a change after does not matter.
  return { outputs, inputs: changedSince(start, root, inputs) ? null : digests };
}

/** A link leads to the packages of another checkout, whose builds are not ours. */
function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function read(file: string): Build | null {
  try {
    return unpack(readFileSync(file));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return null;
    throw error;
  }
}

const CACHE = '.cache/carthub-db';
const CANNOT_WRITE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST'];

/** Makes the file that will be the kept build; null where that cannot be. */
async function begin(file: string, modules: string): Promise<string | null> {
  const half = `${file}.half-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await makeCache(modules);
    await removeHalves(file);
    await (await open(half, 'wx')).close();
    return half;
  } catch (error) {
    if (hasCode(error, ...CANNOT_WRITE)) return null;
    throw error;
  }
}

/** A change of `node_modules` itself would tell npm that its own list of what is installed is out of date. */
async function makeCache(modules: string): Promise<void> {
  const { atime, mtimeMs } = await stat(modules);
  const made = await mkdir(join(modules, CACHE), { recursive: true });
  if (made === join(modules, '.cache')) await utimes(modules, atime, new Date(Math.floor(mtimeMs)));
}

/** Put in place by one rename, since others read and write it at the same time. */
async function keep(build: Build, half: string, file: string): Promise<void> {
  try {
    await writeFile(half, pack(build));
    await rename(half, file);
  } catch (error) {
    if (!hasCode(error, ...CANNOT_WRITE)) throw error;
  }
}

/** What a process that was killed has left. */
async function removeHalves(file: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    const pid = name.startsWith(basename(file)) ? /\.half-(\d+)-/.exec(name)?.[1] : undefined;
    if (pid !== undefined && startTime(Number(pid)) === null) await rm(join(dirname(file), name), { force: true });
  }
}
