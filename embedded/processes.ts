import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from './error-code.ts';

const note = z.object({ pid: z.int(), started: z.nullable(z.string()) });

/**
 * Child processes that outlive a `kill -9` of their parent: each is written down while it runs, and the next start
 * ends those that it finds. A number alone does not name a process, since it is used again; its start time does.
 *
 * Synchronous, so that nothing of ours comes between the start of a process and its note.
 *
 * @returns what crosses the process out again, once it is gone
 */
export function writeDown(folder: string, pid: number): () => Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pid}.json`);
  writeFileSync(`${file}.half`, JSON.stringify({ pid, started: startTime(pid) }));
  renameSync(`${file}.half`, file);
  return () => rm(file, { force: true });
}

/** Ends every process written down in `folder` that still runs, and waits until it is gone. Returns how many there were. */
export async function endOrphans(folder: string): Promise<number> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  });
  const ended = await Promise.all(names.map((name) => endOne(join(folder, name))));
  return ended.filter((ran) => ran).length;
}

async function endOne(file: string): Promise<boolean> {
  const { pid, started } = await read(file);
  const runs = started !== null && startTime(pid) === started;
  if (runs) await end(pid, started);
  await rm(file, { force: true });
  return runs;
}

async function read(file: string): Promise<z.infer<typeof note>> {
  // Half a note is from a process that was killed before it had written it; another one may be sweeping here too.
  if (!file.endsWith('.json')) return { pid: 0, started: null };
  try {
    return note.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { pid: 0, started: null };
    throw error;
  }
}

/** SIGQUIT is PostgreSQL's immediate shutdown, which takes its children along; SIGKILL would leave them. */
async function end(pid: number, started: string): Promise<void> {
  signal(pid, 'SIGCONT');
  signal(pid, 'SIGQUIT');
  for (let waited = 0; startTime(pid) === started; waited += 20) {
    // No event tells of a process that is not our child.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (waited === 5_000) signal(pid, 'SIGKILL');
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/**
 * What distinguishes this process from a later one of the same number; null when there is no such process, or it is dead
 * and waits for its parent. On Linux field 22 of /proc/PID/stat (proc(5)).
 */
export function startTime(pid: number): string | null {
  if (process.platform !== 'linux') return startTimeByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return null;
    throw error;
  }
}

function startTimeByPs(pid: number): string | null {
  try {
    const said = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', `${pid}`], { encoding: 'utf8' }).trim();
    return said.startsWith('Z') ? null : said.replace(/^\S+\s+/, '');
  } catch (error) {
    // ps ends with 1 when there is no such process.
    if (typeof error === 'object' && error !== null && 'status' in error && error.status === 1) return null;
    throw error;
  }
}
