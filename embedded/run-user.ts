import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedPostgresError } from './errors.ts';

/** The user that PostgreSQL runs as: itself for an ordinary user, another one for root, which PostgreSQL refuses. */
export type RunUser = { uid: number; gid: number; name: string } | null;

/** `null` means: as whoever we are. For root it is `postgres`, else `nobody`, whichever the machine has. */
export function runUser(): RunUser {
  if (process.getuid?.() !== 0) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const entry = users.find(([name]) => name === wanted);
    if (entry?.[2] && entry[3]) return { uid: Number(entry[2]), gid: Number(entry[3]), name: wanted };
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL refuses to run as root, and this machine has no user postgres or nobody.',
    {
      remedy: 'Run the command as an ordinary user, or add one: useradd --system postgres',
    },
  );
}

/** Whether `user` can reach what lies in `folder`: every folder on the way lets it pass. */
export function canReach(folder: string, user: RunUser): boolean {
  if (user === null) return true;
  for (let at = folder; ; at = dirname(at)) {
    const { uid, gid, mode } = statSync(at);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
