import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from './error-code.ts';

const note = z.object({ pid: z.int(), started: z.nullable(z.string()), group: z._default(z.boolean(), false) });

type Note = z.infer<typeof note>;

const NOBODY: Note = { pid: 0, started: null, group: false };

/**
 * Child processes that outlive a `kill -9` of their parent: each is written down while it runs, and the next start
 * ends those that it finds. A number alone does not name a process, since it is used again; its start time does.
 *
 * Synchronous, so that nothing of ours comes between the start of a process and its note.
 *
 * @param options.group whether it leads a process group that is to be killed as a whole, as a container is
 * @returns what crosses the process out again, once it is gone
 */
export function writeDown(folder: string, pid: number, options: { group?: boolean } = {}): () => Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${pid}.json`);
  writeFileSync(`${file}.half`, JSON.stringify({ pid, started: startTime(pid), group: options.group ?? false }));
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
  const found = await read(file);
  const runs = found.started !== null && startTime(found.pid) === found.started;
  if (runs) await end(found);
  await rm(file, { force: true });
  return runs;
}

async function read(file: string): Promise<Note> {
  // Half a note is from a process that was killed before it had written it; another one may be sweeping here too.
  if (!file.endsWith('.json')) return NOBODY;
  try {
    return note.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return NOBODY;
    throw error;
  }
}

/** SIGQUIT is PostgreSQL's immediate shutdown, which takes its children along; SIGKILL would leave them. */
async function end({ pid, started, group }: Note): Promise<void> {
  if (group) signal(-pid, 'SIGKILL');
  else signal(pid, 'SIGQUIT');
  // A stopped process hears what was sent to it, and does nothing else before.
  signal(pid, 'SIGCONT');
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
