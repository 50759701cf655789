import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, link, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const CHECKOUT = join(import.meta.dirname, '../..');
/** Stands in for the program: TypeScript that says how it was started, and ends as it is told. */
const PROGRAM = `
const words: string[] = process.argv.slice(2);
process.on('SIGTERM', () => process.exit(43));
process.on('disconnect', () => { console.error('alone'); process.exit(44); });
console.log(JSON.stringify({ words, pid: process.pid, node: process.execPath, cwd: process.cwd() }));
if (words[0] === 'exit') process.exit(Number(words[1]));
if (words[0] === 'kill') process.kill(process.pid, 'SIGKILL');
if (words[0] === 'stay') setInterval(() => undefined, 1000);
else process.channel?.unref();
`;

let checkout: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await mkdir(join(checkout, 'cli'));
  for (const file of ['cli/bin.js', 'cli/node24.js']) await copyFile(join(CHECKOUT, file), join(checkout, file));
  await writeFile(join(checkout, 'package.json'), '{"type": "module"}');
  await writeFile(join(checkout, 'cli/main.ts'), PROGRAM);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await chmod(checkout, 0o755);
  await rm(checkout, { recursive: true, force: true });
});

/** Puts this Node beside the program as npm does; by another name than that of the process, so that it is handed over to. */
async function installNode(): Promise<string> {
  const folder = join(checkout, 'node_modules/node24');
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ version: '24.0.0', os: [process.platform], cpu: [process.arch] }),
  );
  const node = join(folder, 'bin/node');
  await link(process.execPath, node).catch(() => copyFile(process.execPath, node));
  return node;
}

function bin(words: string[], cwd = '/') {
  const child = spawn(process.execPath, [join(checkout, 'cli/bin.js'), ...words], {
    cwd,
    // As these tests are run with.
    env: { ...process.env, NODE_COMPILE_CACHE: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const exit = once(child, 'exit');
  const said = once(createInterface({ input: child.stdout }), 'line');
  const err: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => err.push(line));
  return { child, err, said: async () => JSON.parse((await said)[0]), exit };
}

test('hands over to the Node 24 that npm installed: same arguments, working directory, exit code; no warnings', async () => {
  const node = await installNode();
  const { said, exit, err } = bin(['exit', '7', '--a b', '']);
  expect(await said()).toMatchObject({ words: ['exit', '7', '--a b', ''], node, cwd: '/' });
  expect(await exit).toEqual([7, null]);
  expect(err).toEqual([]);
});

test('hands over in a checkout that nobody may write', async () => {
  const node = await installNode();
  await chmod(checkout, 0o555);
  const { said, exit } = bin(['exit', '0']);
  expect(await said()).toMatchObject({ node });
  expect(await exit).toEqual([0, null]);
});

test('keeps what Node has compiled beside the packages, which npm still takes for what it has installed', async () => {
  await installNode();
  const modules = join(checkout, 'node_modules');
  const { mtimeMs } = await stat(modules);
  expect(await bin(['exit', '0']).exit).toEqual([0, null]);
  const kept = await readdir(join(modules, '.cache/carthub-db/compiled'), { recursive: true });
  expect(kept.length).toBeGreaterThan(1);
  expect((await stat(modules)).mtimeMs).toBeLessThanOrEqual(mtimeMs);
  await writeFile(join(checkout, 'cli/main.ts'), 'const code: number = 5;\nprocess.exit(code);\n');
  expect(await bin([]).exit).toEqual([5, null]);
});

test('runs on the Node that started it where npm has installed none', async () => {
  const { said, exit, err } = bin(['exit', '3']);
  expect(await said()).toMatchObject({ node: process.execPath });
  expect(await exit).toEqual([3, null]);
  expect(err).toEqual([]);
});

test('runs on the Node that started it where the installed one cannot be started, as one for glibc on musl', async () => {
  const node = await installNode();
  await rm(node);
  await writeFile(node, '#!/nowhere/ld-linux\n', { mode: 0o755 });
  const { said, exit } = bin(['exit', '3']);
  expect(await said()).toMatchObject({ node: process.execPath });
  expect(await exit).toEqual([3, null]);
});

test('hands on a signal, and ends by the one that ended the program', async () => {
  await installNode();
  const told = bin(['stay']);
  await told.said();
  told.child.kill('SIGTERM');
  expect(await told.exit).toEqual([43, null]);
  expect(await bin(['kill']).exit).toEqual([null, 'SIGKILL']);
});

test('lets the program know when it is killed', async () => {
  await installNode();
  const { child, said, exit, err } = bin(['stay']);
  await said();
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
  // Standard error stays open for as long as the program has it.
  await closed;
  expect(err).toEqual(['alone']);
});
