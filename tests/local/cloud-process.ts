import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));

const description = z.object({
  pid: z.int(),
  endpoint: z.string(),
  kubeconfig: z.string(),
  region: z.string(),
  account: z.string(),
  databaseCaFile: z.string(),
  timeScale: z.number(),
});

/** The program of a local cloud, as a process of its own. */
export type CloudProcess = {
  child: ChildProcess;
  /** What it has said on standard error so far. */
  said: string[];
  /** Resolves at the first line that contains `text`. */
  saying(text: string): Promise<void>;
  /** The line that it writes when it is ready; rejects with what it said when it ends before. */
  ready: Promise<z.infer<typeof description>>;
  /** Exit code, or the signal's name. */
  ended: Promise<number | string | null>;
};

// Starts what its arguments say with pipes of its own, as the command line does, and passes on what that says.
const STARTER = `
  const child = require('node:child_process').spawn(process.execPath, process.argv.slice(1), { stdio: 'pipe' });
  child.stdout.pipe(process.stdout);
  child.stderr.pipe(process.stderr);`;

/**
 * Starts it on `data`; it ends with its standard input, and so with the test.
 *
 * @param options.under puts a process in between, which `child` then is
 */
export function startCloudProcess(data: string, options: { args?: string[]; under?: boolean } = {}): CloudProcess {
  const args = [MAIN, '--data', data, '--until-stdin-ends', ...(options.args ?? [])];
  const child = spawn(process.execPath, options.under ? ['-e', STARTER, ...args] : args, {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const listeners = new Set<() => void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line);
    for (const listener of listeners) listener();
  });
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  const ready = new Promise<z.infer<typeof description>>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(description.parse(JSON.parse(line))));
    ended.then((code) => reject(new Error(`The cloud ended with ${code}:\n${said.join('\n')}`)));
  });
  // A test that wants it to end does not wait for it to be ready.
  ready.catch(() => undefined);
  const cloud: CloudProcess = {
    child,
    said,
    ready,
    ended,
    saying: (text) =>
      new Promise((resolve, reject) => {
        const look = () => said.some((line) => line.includes(text)) && resolve();
        listeners.add(look);
        look();
        ended.then(() => reject(new Error(`The cloud never said "${text}":\n${said.join('\n')}`)));
      }),
  };
  running.add(cloud);
  return cloud;
}

/** The processes that a cloud has written down, those that run. */
export async function processesOf(data: string): Promise<number[]> {
  const files = await readdir(join(data, 'processes'));
  const notes = await Promise.all(files.map((file) => readFile(join(data, 'processes', file), 'utf8')));
  return notes.map((text) => z.object({ pid: z.int() }).parse(JSON.parse(text)).pid).filter(isAlive);
}

/** Not of one that is dead and waits for its parent: where nothing reaps orphans, a killed one stays so. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Kills what a failed test left running. */
export async function killCloudProcesses(): Promise<void> {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  running.clear();
}

const running = new Set<CloudProcess>();
