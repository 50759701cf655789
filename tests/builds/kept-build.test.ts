import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { keptBuild } from '../../builds/kept-build.ts';

let root: string;
let builds: number;
const kept = () => join(root, 'node_modules/.cache/carthub-db/probe.build');

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  builds = 0;
  await mkdir(join(root, 'node_modules'));
  await writeFile(join(root, 'source'), 'one');
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The clock of the file system goes in steps: a change just now could not be told from one that comes at once. */
async function tick(): Promise<void> {
  const now = async () => {
    await writeFile(join(root, 'clock'), '');
    return (await stat(join(root, 'clock'))).ctimeMs;
  };
  const then = await now();
  while ((await now()) === then);
  await rm(join(root, 'clock'));
}

/** What is built of the file `source`, and how often that was done up to now. */
async function build({ request = 'a', meanwhile }: Partial<Asked> = {}): Promise<[string, number]> {
  await tick();
  const { outputs } = await keptBuild({
    ...{ root, name: 'probe', request },
    async make() {
      builds += 1;
      const source = await readFile(join(root, 'source'), 'utf8');
      await meanwhile?.();
      return { outputs: { out: Buffer.from(`${request} of ${source}`), none: Buffer.alloc(0) }, inputs: ['source'] };
    },
  });
  expect(Object.keys(outputs)).toEqual(['out', 'none']);
  return [Buffer.from(outputs.out ?? '').toString(), builds];
}

type Asked = { request: string; meanwhile: () => Promise<void> };

test('is built once, and again when the content of a source is another or something else is asked for', async () => {
  expect(await build()).toEqual(['a of one', 1]);
  expect(await build()).toEqual(['a of one', 1]);
  await writeFile(join(root, 'source'), 'one');
  expect(await build()).toEqual(['a of one', 1]);
  await writeFile(join(root, 'source'), 'two');
  expect(await build()).toEqual(['a of two', 2]);
  expect(await build({ request: 'b' })).toEqual(['b of two', 3]);
  expect(await build()).toEqual(['a of two', 4]);
});

test('is built again when other packages are installed, or the compiler is told otherwise', async () => {
  await build();
  for (const name of ['node_modules/.package-lock.json', 'tsconfig.json', 'package.json']) {
    const before = builds;
    await writeFile(join(root, name), '{}');
    expect(await build()).toEqual(['a of one', before + 1]);
    await writeFile(join(root, name), '{"other":1}');
    expect(await build()).toEqual(['a of one', before + 2]);
    expect(await build()).toEqual(['a of one', before + 2]);
  }
  await rm(join(root, 'tsconfig.json'));
  expect(await build()).toEqual(['a of one', builds]);
});

test.each<[string, (bytes: Buffer) => Buffer]>([
  ['is empty', () => Buffer.alloc(0)],
  ['ends in its digest', (bytes) => bytes.subarray(0, 20)],
  ['ends in its header', (bytes) => bytes.subarray(0, 60)],
  ['lacks its last byte', (bytes) => bytes.subarray(0, -1)],
  ['has another byte', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')])],
  ['has only zeros', (bytes) => Buffer.alloc(bytes.length)],
])('a kept build that %s is not used, and made good', async (_, break_) => {
  await build();
  await writeFile(kept(), break_(await readFile(kept())));
  expect(await build()).toEqual(['a of one', 2]);
  expect(await build()).toEqual(['a of one', 2]);
});

test.each<[string, (source: string) => Promise<void>]>([
  ['written', (source) => writeFile(source, 'two')],
  ['replaced', (source) => writeFile(`${source}.new`, 'two').then(() => rename(`${source}.new`, source))],
  ['taken away', (source) => rm(source)],
])('what was built while a source was %s is not kept', async (_, change) => {
  await build();
  await writeFile(join(root, 'source'), 'three');
  const meanwhile = () => change(join(root, 'source'));
  expect(await build({ meanwhile })).toEqual(['a of three', 2]);
  await writeFile(join(root, 'source'), 'two');
  expect(await build()).toEqual(['a of two', 3]);
});

test('many at once all have it whole, and leave one file; so do those that are killed', async () => {
  await Promise.all(Array.from({ length: 20 }, () => build()));
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  await copyFile(kept(), `${kept()}.half-${dead}-0123`);
  await writeFile(`${kept()}.half-${process.pid}-4567`, 'of one who is still at it');
  await writeFile(join(root, 'source'), 'two');
  expect((await build())[0]).toBe('a of two');
  expect((await readdir(join(kept(), '..'))).sort()).toEqual(['probe.build', `probe.build.half-${process.pid}-4567`]);
});

test('npm takes the packages for what it has installed: their folder is no younger than before', async () => {
  const modules = join(root, 'node_modules');
  const { mtimeMs } = await stat(modules);
  await build();
  expect(await readdir(modules)).toEqual(['.cache']);
  expect((await stat(modules)).mtimeMs).toBeLessThanOrEqual(mtimeMs);
});

test.each<[string, () => Promise<unknown>]>([
  ['where nothing is installed', () => rm(join(root, 'node_modules'), { recursive: true })],
  ['where the cache cannot be', () => writeFile(join(root, 'node_modules/.cache'), 'a file')],
  [
    "with another checkout's packages",
    async () => {
      await rename(join(root, 'node_modules'), join(root, 'others'));
      await symlink(join(root, 'others'), join(root, 'node_modules'));
    },
  ],
])('%s it is built each time, and nothing is left', async (_, make) => {
  await make();
  const before = await readdir(root, { recursive: true });
  expect([await build(), await build()]).toEqual([
    ['a of one', 1],
    ['a of one', 2],
  ]);
  expect(await readdir(root, { recursive: true })).toEqual(before);
});
