import { randomBytes } from 'node:crypto';
import { chown, copyFile, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Client } from 'pg';
import { runUser } from '../../../embedded/run-user.ts';
import { copyTree } from './copy-tree.ts';
import { bringToDisk } from './durability.ts';

export type BaseBackup = { databaseTime: string; consistentAt: string; firstSegment: string };

/** These folders must be there, and what is in them must not (PostgreSQL 15, 26.3.3.3). */
const EMPTIED = [
  ...['pg_wal', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial', 'pg_snapshots', 'pg_stat_tmp', 'pg_subtrans'],
];
const LEFT_OUT = ['postmaster.pid', 'postmaster.opts', 'pg_internal.init', 'backup_label', 'tablespace_map'];
const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the running cluster in `data` to `to`, with the WAL that makes the copy consistent: a cluster that stands alone.
 *
 * @param client a superuser's session, which has to stay the same from the backup's start to its end
 */
export async function takeBaseBackup(options: {
  client: Client;
  data: string;
  to: string;
  signal: AbortSignal;
}): Promise<BaseBackup> {
  const { client, data, to, signal } = options;
  const owner = runUser();
  const ask = async (sql: string, ...values: string[]): Promise<string[]> =>
    (await client.query<string[]>({ text: sql, values, rowMode: 'array' })).rows[0] ?? [];

  // Keeps the server from recycling the WAL of the backup before it is copied; goes with the session.
  const slot = `backup_${randomBytes(6).toString('hex')}`;
  await ask('select slot_name from pg_create_physical_replication_slot($1, true, true)', slot);
  const [first = ''] = await ask('select pg_walfile_name(pg_backup_start($1, true))', basename(to));
  await copyTree({ from: data, to, owner, signal, skip });
  const [databaseTime = ''] = await ask(clock('0'));
  const [last = '', label = ''] = await ask('select pg_walfile_name(lsn), labelfile from pg_backup_stop(false)');
  const [consistentAt = ''] = await ask(clock('1 millisecond'));

  await writeFile(join(to, 'backup_label'), label, { mode: 0o600 });
  if (owner) await chown(join(to, 'backup_label'), owner.uid, owner.gid);
  await copyWal({ from: join(data, 'pg_wal'), to: join(to, 'pg_wal'), first, last });
  await bringToDisk(to);
  return { databaseTime, consistentAt, firstSegment: first };
}

/** The server's clock in ISO 8601, cut to milliseconds; `later` for a time that must not lie before the true one. */
export function clock(later: '0' | '1 millisecond'): string {
  return `select to_char((clock_timestamp() + '${later}') at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

function skip(path: string): boolean {
  const name = basename(path);
  return EMPTIED.includes(path) || LEFT_OUT.includes(name) || name.startsWith('pgsql_tmp');
}

async function copyWal(options: { from: string; to: string; first: string; last: string }): Promise<void> {
  const { from, to, first, last } = options;
  const owner = runUser();
  const names = (await readdir(from)).filter(
    (name) => (SEGMENT.test(name) && name >= first && name <= last) || name.endsWith('.history'),
  );
  for (const name of names) {
    await copyFile(join(from, name), join(to, name));
    if (owner) await chown(join(to, name), owner.uid, owner.gid);
  }
}
