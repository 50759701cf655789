import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { migrationJob } from '../../lib/kubernetes/migration-job.ts';
import { copied, ROOT, readDockerfile } from './dockerfile.ts';

const run = promisify(execFile);

const { spec } = migrationJob({
  ...{ name: 'n', run: 'r', namespace: 'n', image: 'i', serviceAccount: 's', env: {}, deadlineSeconds: 1 },
}).spec.template;

const json = async (file: string) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));
const one = async (name: string) => {
  const { stages } = await readDockerfile();
  return stages.at(-1)?.find((instruction) => instruction.name === name)?.text;
};

test('both stages stand on the Node of package.json, by a whole version', async () => {
  const { before, stages } = await readDockerfile();
  const { optionalDependencies } = await json('package.json');
  const version = String(optionalDependencies.node24).split('@').at(-1);
  expect(before.map(({ text }) => text)).toEqual(['REGISTRY=docker.io/library', `NODE=node:${version}-bookworm-slim`]);
  expect(stages.map(([from]) => from?.text)).toEqual(['${REGISTRY}/${NODE} AS build', '${REGISTRY}/${NODE}']);
});

test("the image's user is the manifest's, by number and not root", async () => {
  const { runAsUser, runAsGroup } = spec.securityContext;
  expect(await one('USER')).toBe(`${runAsUser}:${runAsGroup}`);
  expect(runAsUser).toBeGreaterThan(0);
});

test("it runs without a shell, and by default what the Job's manifest asks for", async () => {
  expect(JSON.parse((await one('ENTRYPOINT')) ?? '')).toEqual(['node', 'runner.cjs']);
  expect(JSON.parse((await one('CMD')) ?? '')).toEqual(spec.containers[0].args);
  expect(await one('WORKDIR')).toBe('/app');
});

test("the last stage holds the bundle, the migrations and pg_dump of the server's version, and neither npm nor what only the build needs", async () => {
  const { stages } = await readDockerfile();
  const last = stages.at(-1) ?? [];
  expect(last.filter(({ name }) => name === 'COPY').map(({ text }) => text)).toEqual([
    '--from=build /build/image/ ./',
    'migrations migrations',
  ]);
  const shell = last.filter(({ name }) => name === 'RUN').map(({ text }) => text);
  expect(shell).toEqual([
    "apt-get update -q && apt-get install -q -y --no-install-recommends 'postgresql-client-15=15.*' && rm -rf /var/lib/apt/lists/*",
    expect.stringMatching(/^rm -rf .*\/usr\/local\/bin\/npm /),
  ]);
});

test('packages are installed as locked, without running their scripts, before the sources are copied', async () => {
  const { stages } = await readDockerfile();
  const steps = (stages[0] ?? []).filter(({ name }) => name === 'COPY' || name === 'RUN').map(({ text }) => text);
  expect(steps.slice(0, 2)).toEqual(['package.json package-lock.json .npmrc ./', 'npm ci --ignore-scripts']);
});

test("nothing is fetched but a package of the base image's own archive, no secret is an argument, and it says what it is", async () => {
  const { before, stages } = await readDockerfile();
  const all = [before, ...stages].flat();
  expect(all.filter(({ name }) => ['ADD', 'SHELL', 'ONBUILD', 'VOLUME'].includes(name))).toEqual([]);
  expect(all.map(({ text }) => text).join('\n')).not.toMatch(/curl|wget|password|secret|token|latest/i);
  const labels = [...((await one('LABEL')) ?? '').matchAll(/org\.opencontainers\.image\.(\w+)=/g)].map(
    (label) => label[1],
  );
  expect(labels).toEqual(['title', 'description', 'licenses', 'revision']);
});

test('what is copied is there, and is let in; the rest of the checkout stays out', async () => {
  const { stages } = await readDockerfile();
  const ignore = (await readFile(join(ROOT, '.dockerignore'), 'utf8'))
    .split('\n')
    .filter((line) => !/^(#|$)/.test(line));
  expect(ignore[0]).toBe('*');
  const admitted = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  const wanted = stages.flatMap(copied).map(({ from }) => from);
  for (const path of wanted) expect({ path, there: existsSync(join(ROOT, path)) }).toEqual({ path, there: true });
  expect([...new Set(wanted)].sort()).toEqual(admitted.sort());
});

test('what the build stage copies is enough to build the program, and the last stage enough to start it', async () => {
  const { stages } = await readDockerfile();
  const [build = [], last = []] = stages;
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-image-'));
  try {
    for (const { from, to } of copied(build))
      await cp(join(ROOT, from), join(folder, 'build', to), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'build/node_modules'));
    const image = join(folder, 'image');
    const command = build.findLast(({ name }) => name === 'RUN')?.text.replace('/build/image', image) ?? '';
    await run('/bin/sh', ['-c', command], { cwd: join(folder, 'build') });
    for (const { from, to } of copied(last)) await cp(join(ROOT, from), join(image, to), { recursive: true });
    expect((await readdir(image)).sort()).toEqual(['libpg-query.wasm', 'migrations', 'runner.cjs']);
    const [program, ...args] = JSON.parse(`${await one('ENTRYPOINT')}`).concat(JSON.parse(`${await one('CMD')}`));
    const env = { PATH: process.env.PATH ?? '' };
    await expect(run(program, args, { cwd: image, env })).rejects.toMatchObject({
      code: 2,
      stdout: expect.stringContaining('RunnerInputError'),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
