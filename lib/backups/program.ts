import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How a program ended, and the last lines of what it said on standard error. */
export type ProgramEnd = { code: number | null; signal: NodeJS.Signals | null; said: string[] };

export type RunningProgram = {
  stdout: Readable;
  stdin: Writable;
  /** Settles when it is gone and its output is read or dropped. Rejects when it cannot be started. */
  ended: Promise<ProgramEnd>;
  /** Asks it to end, and makes it. */
  kill(): void;
};

const KEPT_LINES = 200;
const KILL_AFTER_MS = 5_000;

/** Starts one of PostgreSQL's programs with nothing in its environment but `env`; a stop ends it. */
export function startProgram(options: {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  stop: AbortSignal;
  /** Takes a line of standard error that tells only how far it is: true, and it is not kept. */
  isProgress?: (line: string) => boolean;
}): RunningProgram {
  const { file, args, env, stop, isProgress } = options;
  const child = spawn(file, args, { env: { ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const said: string[] = [];
  let hard: NodeJS.Timeout | undefined;
  const kill = () => {
    // Gone already, or asked already.
    if (child.exitCode !== null || child.signalCode !== null || hard !== undefined) return;
    child.kill('SIGTERM');
    hard = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  };
  if (stop.aborted) kill();
  stop.addEventListener('abort', kill, { once: true });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (isProgress?.(line)) return;
    said.push(line);
    if (said.length > KEPT_LINES) said.splice(KEPT_LINES / 2, 1);
  });
  // A program that ends before it has read all of its input says why by its exit code.
  child.stdin.on('error', () => child.stdin.destroy());
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, said }));
  }).finally(() => {
    clearTimeout(hard);
    stop.removeEventListener('abort', kill);
  });
  // Whoever reads its output hears of a failed start from there as well.
  ended.catch(() => child.stdout.destroy());
  return { stdout: child.stdout, stdin: child.stdin, ended, kill };
}
