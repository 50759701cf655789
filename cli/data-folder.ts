import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { hasCode } from '../embedded/error-code.ts';
import { EmbeddedPostgresError } from '../embedded/errors.ts';
import { canReach, type RunUser, runUser } from '../embedded/run-user.ts';
import { DataFolderError } from './errors.ts';

export type DataFolder = {
  path: string;
  /** Why it is not the folder in the checkout, where nobody named one; null when there is nothing to say. */
  note: string | null;
};

/**
 * The folder of the local cloud's data, made if it is not there.
 *
 * `--data`, else `CARTHUB_DB_DATA`, else the first of these that will do: `.carthub-db` in the checkout, one for this
 * checkout where the user keeps such things, one in the temporary folder. For root, "will do" includes that the user
 * whom PostgreSQL runs as gets there.
 *
 * @throws DataFolderError when a folder that was named cannot be used
 */
export function dataFolder(options: {
  named: string | null;
  checkout: string;
  cwd: string;
  env: Record<string, string | undefined>;
  temporary: string;
  /** Where programs that run as root keep their data: /var/lib. */
  system: string;
}): DataFolder {
  const { named, cwd, env } = options;
  const user = postgresUser();
  const explicit = named ?? (env.CARTHUB_DB_DATA || null);
  if (explicit !== null) {
    const path = resolve(cwd, explicit);
    const obstacle = prepare(path, user, false);
    if (obstacle === null) return { path, note: null };
    throw new DataFolderError(`The data folder ${path} cannot be used: ${obstacle}.`, {
      remedy: 'Name another one with --data DIR, or make this one usable for the user that runs carthub-db.',
    });
  }
  const obstacles: string[] = [];
  for (const path of defaults(options)) {
    const obstacle = prepare(path, user, true);
    if (obstacle === null) {
      const note = obstacles.length === 0 ? null : `The local cloud's data lies in ${path}, because ${obstacles[0]}.`;
      return { path, note };
    }
    obstacles.push(`${path} cannot be used: ${obstacle}`);
  }
  throw new DataFolderError(`No folder for the local cloud's data: ${obstacles.join('; ')}.`, {
    remedy: 'Name one with --data DIR or CARTHUB_DB_DATA.',
  });
}

function defaults({ checkout, env, temporary, system }: Parameters<typeof dataFolder>[0]): string[] {
  const own = `${basename(checkout)}-${createHash('sha256').update(checkout).digest('hex').slice(0, 8)}`;
  const uid = process.getuid?.() ?? 0;
  const share = env.XDG_DATA_HOME || (env.HOME ? join(env.HOME, '.local', 'share') : '');
  const home = uid === 0 ? system : isAbsolute(share) ? share : null;
  return [
    join(checkout, '.carthub-db'),
    ...(home === null ? [] : [join(home, 'carthub-db', own)]),
    join(temporary, `carthub-db-${uid}-${own}`),
  ];
}

/** Null when `path` is a folder that we may write and PostgreSQL's user can reach, else what stands against it. */
function prepare(path: string, user: RunUser, mustBeOurs: boolean): string | null {
  const unreachable = `PostgreSQL runs as the user ${user?.name ?? ''}, because it refuses root, and that user cannot get there`;
  try {
    if (!canReach(nearestFolder(path), user)) return unreachable;
    make(path, user);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return Object.entries(REASONS).find(([code]) => hasCode(error, code))?.[1] ?? String(error);
  }
  // What root wrote into a folder of another user, that user could not use, and the other way round.
  if (mustBeOurs && statSync(path).uid !== (process.getuid?.() ?? 0)) return 'it belongs to another user';
  return canReach(path, user) ? null : unreachable;
}

function nearestFolder(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? path : nearestFolder(dirname(path));
}

/** What is new is open for PostgreSQL's user to pass, whatever root's umask is. */
function make(path: string, user: RunUser): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined || user === null) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) chmodSync(at, 0o755);
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a read-only file system',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOSPC: 'the disk is full',
  ENAMETOOLONG: 'the path is too long',
};

function postgresUser(): RunUser {
  try {
    return runUser();
  } catch (error) {
    if (!(error instanceof EmbeddedPostgresError)) throw error;
    throw new DataFolderError(error.message, { remedy: error.remedy, cause: error });
  }
}
