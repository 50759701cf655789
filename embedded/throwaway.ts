import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from './error-code.ts';
import { copyCluster } from './kept-cluster.ts';
import { endOrphans, startTime } from './processes.ts';
import { type Server, startServer } from './server.ts';

const owner = z.object({ pid: z.int(), started: z.nullable(z.string()) });

/**
 * Lends `use` a PostgreSQL of its own that nobody else knows and that is gone afterwards. Nothing in it is safe from a
 * crash, which is why it is fast.
 */
export async function withThrowawayServer<T>(use: (server: Server) => Promise<T>): Promise<T> {
  const prefix = `carthub-db-throwaway-${process.getuid?.() ?? 0}-`;
  await sweep(tmpdir(), prefix);
  const folder = await mkdtemp(join(tmpdir(), prefix));
  try {
    claim(folder);
    await chmod(folder, 0o755);
    const data = join(folder, 'pgdata');
    const processes = join(folder, 'processes');
    await copyCluster(data, { processes });
    const server = await startServer({
      folder: data,
      processes,
      settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', autovacuum: 'off' },
    });
    try {
      return await use(server);
    } finally {
      await server.stop('immediate');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function claim(folder: string): void {
  const file = join(folder, 'owner.json');
  writeFileSync(`${file}.half`, JSON.stringify({ pid: process.pid, started: startTime(process.pid) }));
  renameSync(`${file}.half`, file);
}

/** What a process that was killed had lent itself: its server still runs, and nobody else would end it. */
async function sweep(parent: string, prefix: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  for (const folder of names.map((name) => join(parent, name))) {
    if (!isAbandoned(folder)) continue;
    await endOrphans(join(folder, 'processes'));
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder without a note is left alone: its maker may be about to write it. */
function isAbandoned(folder: string): boolean {
  try {
    const { pid, started } = owner.parse(JSON.parse(readFileSync(join(folder, 'owner.json'), 'utf8')));
    return startTime(pid) !== started;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false;
    throw error;
  }
}
