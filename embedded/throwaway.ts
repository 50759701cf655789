import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCluster, type Server, startServer } from './server.ts';

/**
 * Lends `use` a PostgreSQL of its own that nobody else knows and that is gone afterwards. Nothing in it is safe from a
 * crash, which is why it is fast.
 */
export async function withThrowawayServer<T>(use: (server: Server) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-throwaway-'));
  await chmod(folder, 0o755);
  try {
    const data = join(folder, 'pgdata');
    await createCluster(data, { superuser: 'postgres' });
    const server = await startServer({
      folder: data,
      processes: join(folder, 'processes'),
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
