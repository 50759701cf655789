import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './error-code.ts';

/**
 * Child processes that outlive a `kill -9` of their parent: each is written down while it runs, and the next start
 * ends those that it finds. A number alone does not name a process, since it is used again; its start time does.
 */
export async function writeDown(folder: string, pid: number): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${pid}.json`);
  await writeFile(file, JSON.stringify({ pid, started: startTime(pid) }));
  return () => rm(file, { force: true });
}

/** Ends every process written down in `folder` that still runs, and waits until it is gone. Returns how many there were. */
export async function endOrphans(folder: string): Promise<number> {
  let ended = 0;
  for (const name of await readdir(folder).catch(ifMissing([]))) {
    const file = join(folder, name);
    const { pid, started } = JSON.parse(await readFile(file, 'utf8'));
    if (startTime(pid) === started && started !== null) {
      ended += 1;
      await end(pid, started);
    }
    await rm(file, { force: true });
  }
  return ended;
}

/** SIGQUIT is PostgreSQL's immediate shutdown, which takes its children along; SIGKILL would leave them. */
async function end(pid: number, started: string): Promise<void> {
  process.kill(pid, 'SIGCONT');
  process.kill(pid, 'SIGQUIT');
  for (let waited = 0; startTime(pid) === started; waited += 20) {
    // No event tells of a process that is not our child.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (waited === 5_000) process.kill(pid, 'SIGKILL');
  }
}

/** Field 22 of /proc/PID/stat (proc(5)); null when there is no such process, or it is dead and waits for its parent. */
function startTime(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch (error) {
    return ifMissing(null)(error);
  }
}

function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return value;
    throw error;
  };
}
