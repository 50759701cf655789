import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { endOrphans, startTime, writeDown } from '../../embedded/processes.ts';

let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  children = [];
});

afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

function sleeper(): { child: ChildProcess; pid: number } {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  children.push(child);
  return { child, pid: child.pid ?? 0 };
}

test('a process that was written down is ended by the next start', async () => {
  const { child, pid } = sleeper();
  writeDown(folder, pid);
  const exited = once(child, 'exit');

  expect(await endOrphans(folder)).toBe(1);

  expect((await exited)[1]).toBe('SIGQUIT');
  expect(await readdir(folder)).toEqual([]);
});

test('a process that is stopped is ended too', async () => {
  const { child, pid } = sleeper();
  writeDown(folder, pid);
  child.kill('SIGSTOP');
  const exited = once(child, 'exit');

  expect(await endOrphans(folder)).toBe(1);

  await exited;
});

test('a process that was crossed out is left alone', async () => {
  const { child, pid } = sleeper();
  const crossOut = writeDown(folder, pid);
  await crossOut();

  expect(await endOrphans(folder)).toBe(0);

  expect(child.exitCode).toBeNull();
  expect(startTime(pid)).not.toBeNull();
});

test('another process that got the number later is left alone', async () => {
  const { child, pid } = sleeper();
  writeDown(folder, pid);
  const file = join(folder, `${pid}.json`);
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), started: '1' }));

  expect(await endOrphans(folder)).toBe(0);

  expect(child.exitCode).toBeNull();
  expect(await readdir(folder)).toEqual([]);
});

test('a note that was only half written stops nobody', async () => {
  await writeFile(join(folder, '123.json.half'), '{"pid": 12');

  expect(await endOrphans(folder)).toBe(0);

  expect(await readdir(folder)).toEqual([]);
});

test('a folder that is not there holds no orphans', async () => {
  expect(await endOrphans(join(folder, 'nowhere'))).toBe(0);
});

test('a group that was written down goes as a whole, stopped or not', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(leader);
  const member = Number(await new Promise((resolve) => leader.stdout.once('data', resolve)));
  const started = startTime(member);
  writeDown(folder, leader.pid ?? 0, { group: true });
  leader.kill('SIGSTOP');
  const closed = once(leader, 'close');

  expect(await endOrphans(folder)).toBe(1);

  // The pipe is closed when the last of the group has let go of it.
  await closed;
  expect(startTime(member)).not.toBe(started);
});
