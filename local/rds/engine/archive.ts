import { existsSync, watch } from 'node:fs';
import { join } from 'node:path';
import { clock } from './base-backup.ts';
import { syncCommand } from './durability.ts';
import { type Entrance, withSession } from './session.ts';

/**
 * Compressed, because a segment that was switched early is nearly all zeros; synced and renamed, because what has its name
 * counts as kept. Run in the cluster's folder, beside which the archive lies. It may run twice for one segment, after a
 * crash between its end and the server's note of it.
 */
export const ARCHIVE_COMMAND = [
  'gzip -1 -c "%p" > "../wal/%f.tmp"',
  syncCommand('../wal/%f.tmp'),
  'mv -f "../wal/%f.tmp" "../wal/%f.gz"',
].join(' && ');

/** @param archive the source's archive, as seen from the folder of the cluster that recovers */
export function restoreCommand(archive: string): string {
  return `gzip -d -c "${archive}/%f.gz" > "%p"`;
}

/**
 * Ships what was committed until now to the archive, as RDS does every five minutes, and returns a time up to which a
 * recovery from there is possible. A recovery that is to stop at a time ends only at a commit after it, so it takes one of
 * our own: a transaction that does nothing but exist.
 */
export async function ship(options: { entrance: Entrance; archive: string; signal: AbortSignal }): Promise<string> {
  const { entrance, archive, signal } = options;
  const { time, segment } = await withSession(entrance, async (client) => {
    const ask = async (sql: string) => (await client.query<string[]>({ text: sql, rowMode: 'array' })).rows[0]?.[0];
    const now = await ask(clock('0'));
    await ask('select pg_current_xact_id()::text');
    return { time: now ?? '', segment: (await ask('select pg_walfile_name(pg_switch_wal())')) ?? '' };
  });
  await appearance(archive, `${segment}.gz`, signal);
  return time;
}

/** Resolves when the file is in the folder. */
function appearance(folder: string, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder);
    const end = (settle: () => void) => {
      watcher.close();
      signal.removeEventListener('abort', giveUp);
      settle();
    };
    const look = () => {
      if (existsSync(join(folder, name))) end(resolve);
    };
    const giveUp = () => end(() => reject(signal.reason));
    signal.addEventListener('abort', giveUp);
    watcher.on('change', look);
    watcher.on('error', (error) => end(() => reject(error)));
    // After the watch began, so that nothing comes in between.
    if (signal.aborted) giveUp();
    else look();
  });
}
