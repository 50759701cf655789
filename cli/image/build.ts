import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { type Built, keptBuild } from '../../builds/kept-build.ts';
import { hasCode } from '../../embedded/error-code.ts';
import { startTime } from '../../embedded/processes.ts';
import type { MigrationFile } from '../release/folder.ts';

const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = join(CHECKOUT, 'runner/build.ts');

/** What the Dockerfile says in ENTRYPOINT and ENV. */
const CONFIG: { entrypoint: string[]; env: Record<string, string> } = {
  entrypoint: ['node', 'runner.cjs'],
  env: { NODE_ENV: 'production' },
};

/**
 * Builds what stands for the runner's container image on the local cloud: the same bundle that goes into the real one, and
 * the migrations, in `images/<sha256 of its content>`. Made aside and put in place by one rename.
 *
 * @returns the image's reference, with its digest
 */
export async function buildImage(options: {
  data: string;
  files: readonly MigrationFile[];
  env: Record<string, string | undefined>;
}): Promise<string> {
  const images = join(options.data, 'images');
  await mkdir(images, { recursive: true });
  await removeHalves(images);
  const half = await mkdtemp(join(images, `.half-${process.pid}-`));
  try {
    await putRunner(half);
    await mkdir(join(half, 'migrations'), { recursive: true });
    await Promise.all(options.files.map(({ file, bytes }) => writeFile(join(half, 'migrations', file), bytes)));
    await writeFile(join(half, 'config.json'), JSON.stringify(configOf(options.env)));
    const digest = await digestOf(half);
    await putInPlace(half, join(images, digest));
    return `carthub-db.local/runner@sha256:${digest}`;
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}

/** PostgreSQL's programs are in the real image; here they are where this machine has them. */
function configOf({ PG_BIN }: Record<string, string | undefined>): typeof CONFIG {
  return PG_BIN ? { ...CONFIG, env: { ...CONFIG.env, PG_BIN } } : CONFIG;
}

/** Puts the runner's bundle, and what it needs beside it, into an empty folder. */
export async function putRunner(folder: string): Promise<void> {
  const make = () => buildRunner(folder);
  const { outputs } = await keptBuild({ root: CHECKOUT, name: 'runner', request: 'runner', make });
  await Promise.all(Object.entries(outputs).map(([name, content]) => writeFile(join(folder, name), content)));
}

async function buildRunner(folder: string): Promise<{ outputs: Built['outputs']; inputs: string[] }> {
  const list = join(folder, '.inputs.json');
  await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', BUILD, folder, list]);
  const inputs = z.array(z.string()).parse(JSON.parse(await readFile(list, 'utf8')));
  await rm(list);
  const outputs = (await readdir(folder)).map(async (name) => [name, await readFile(join(folder, name))] as const);
  return { outputs: Object.fromEntries(await Promise.all(outputs)), inputs };
}

/** What a command that was killed in the middle has left. */
async function removeHalves(images: string): Promise<void> {
  for (const name of await readdir(images)) {
    const pid = /^\.half-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && startTime(Number(pid)) === null) await rm(join(images, name), { recursive: true });
  }
}

async function digestOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hash = createHash('sha256');
  for (const path of paths.sort()) {
    const content = createHash('sha256').update(await readFile(path));
    hash.update(`${path.slice(folder.length)}\0${content.digest('hex')}\n`);
  }
  return hash.digest('hex');
}

/** The same content may be there already, or come from another command at this moment. */
async function putInPlace(half: string, image: string): Promise<void> {
  if (existsSync(image)) return;
  try {
    await rename(half, image);
  } catch (error) {
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
  }
}
