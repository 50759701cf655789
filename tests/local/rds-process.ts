import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod/mini';
import { RdsUser } from './rds-user.ts';

const ready = z.object({ url: z.string(), caFile: z.string(), orphans: z.int() });

/** An RDS in a process of its own. */
export type RdsProcess = {
  url: string;
  user: RdsUser;
  /** How many servers of an earlier process it ended. */
  orphans: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
};

export async function startRdsProcess(folder: string): Promise<RdsProcess> {
  const child: ChildProcess = spawn(process.execPath, [join(import.meta.dirname, 'hold-rds.ts'), folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (!child.stdout) throw new Error('no standard output');
  const exited = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line');
  const [first] = await Promise.race([
    line,
    exited.then(() => Promise.reject(new Error('It ended before it was ready.'))),
  ]);
  const { url, caFile, orphans } = ready.parse(JSON.parse(String(first)));
  return {
    url,
    user: new RdsUser(url, caFile),
    orphans,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async stop() {
      child.stdin?.end();
      await exited;
    },
  };
}

/** The process ids of PostgreSQL's programs that work in `folder`, without the children that each server has. */
export function serversIn(folder: string): number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(`-D ${folder}`)).map((line) => Number.parseInt(line, 10));
}
