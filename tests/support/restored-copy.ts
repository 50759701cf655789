import { chmod, chown, copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyCluster } from '../../embedded/kept-cluster.ts';
import { runUser } from '../../embedded/run-user.ts';
import { type Server, startServer } from '../../embedded/server.ts';
import type { Credentials } from '../../lib/postgres/connect.ts';
import { takeBaseBackup } from '../../local/rds/engine/base-backup.ts';
import { withDatabase } from './postgres.ts';

/** A PostgreSQL, and what a point-in-time recovery makes of a backup of it beside it. */
export type Restorable = {
  at(dbname: string): Credentials;
  /** Makes an empty database; call it before the backup. */
  createDatabase(name: string): Promise<Credentials>;
  backUp(): Promise<void>;
  /** As the runner does it: a snapshot of transactions, then the next whole second, and a commit after it. */
  makeRestorePoint(): Promise<{ snapshot: string; time: string }>;
  /** Recovers the backup to that second and starts it; where its databases are. */
  restore(time: string): Promise<(dbname: string) => Credentials>;
  stop(): Promise<void>;
};

const SETTINGS = {
  ...{ fsync: 'off', synchronous_commit: 'off', autovacuum: 'off', max_connections: '200' },
  // Keeps all WAL in the folder, in place of an archive.
  ...{ wal_keep_size: '2GB', max_wal_size: '2GB' },
};

export async function startRestorable(): Promise<Restorable> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(folder, 0o755);
  const [data, copy, processes] = [join(folder, 'live'), join(folder, 'copy'), join(folder, 'processes')];
  await copyCluster(data);
  const live = await startServer({ folder: data, processes, settings: SETTINGS });
  let restored: Server | null = null;
  const of = (port: number) => (dbname: string) => ({
    ...{ username: 'postgres', password: 'trusted', host: '127.0.0.1', port, dbname },
  });
  const at = of(live.port);
  return {
    at,
    async createDatabase(name) {
      await withDatabase(at('postgres'), (client) => client.query(`create database ${name} strategy file_copy`));
      return at(name);
    },
    async backUp() {
      const { signal } = new AbortController();
      await withDatabase(at('postgres'), (client) => takeBaseBackup({ client, data, to: copy, signal }));
    },
    makeRestorePoint: () =>
      withDatabase(at('postgres'), async (client) => {
        const { rows: seen } = await client.query<{ snapshot: string }>(
          'select pg_current_snapshot()::text as snapshot',
        );
        const { rows: chosen } = await client.query<{ time: string }>(
          `select (date_trunc('second', clock_timestamp()) + interval '1 second')::text as time`,
        );
        const time = chosen[0]?.time ?? '';
        await client.query('select pg_sleep_until($1::timestamptz)', [time]);
        await client.query('create table heartbeat as select clock_timestamp() as at');
        return { snapshot: seen[0]?.snapshot ?? '', time };
      }),
    async restore(time) {
      await withDatabase(at('postgres'), (client) => client.query('select pg_switch_wal()'));
      await copySegments(join(data, 'pg_wal'), join(copy, 'pg_wal'));
      await writeFile(join(copy, 'recovery.signal'), '');
      const recovery = { restore_command: 'false', recovery_target_time: time, recovery_target_action: 'promote' };
      restored = await startServer({ folder: copy, processes, settings: { ...SETTINGS, ...recovery } });
      return of(restored.port);
    },
    async stop() {
      await restored?.stop('immediate');
      await live.stop('immediate');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function copySegments(from: string, to: string): Promise<void> {
  const owner = runUser();
  for (const name of await readdir(from)) {
    if (!/^[0-9A-F]{24}$/.test(name)) continue;
    await copyFile(join(from, name), join(to, name));
    if (owner) await chown(join(to, name), owner.uid, owner.gid);
  }
}
