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
    if (!permits(at, user, 0o1)) return false;
    if (at === dirname(at)) return true;
  }
}

/** Whether `user` can read `file`, wherever it lies. */
export function canRead(file: string, user: RunUser): boolean {
  return user === null || (permits(file, user, 0o4) && canReach(dirname(file), user));
}

function permits(path: string, { uid, gid }: NonNullable<RunUser>, bit: number): boolean {
  const at = statSync(path);
  const shift = at.uid === uid ? 6 : at.gid === gid ? 3 : 0;
  return (at.mode & (bit << shift)) !== 0;
}
