import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LocalCloudStartError } from './errors.ts';

/** What the holder of a data folder says of itself to whoever is refused. */
export type Holder = { pid: number; since: string };

export type Lock = { release(): void };

/**
 * Takes a data folder for this process alone, or throws an error that says who has it.
 *
 * The lock is SQLite's on an empty database file: the operating system keeps it, and takes it from a process that dies,
 * however that dies; a file with a process's number in it can do neither without a race.
 */
export function lockFolder(folder: string, holder: Holder): Lock {
  const about = join(folder, 'lock.json');
  const database = new DatabaseSync(join(folder, 'lock'));
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    database.close();
    throw new LocalCloudStartError(`Another local cloud runs on ${folder}: ${describe(about)}.`, {
      remedy: 'Use that one, end it, or name another folder with --data DIR.',
      cause,
    });
  }
  writeFileSync(about, JSON.stringify(holder));
  return { release: () => database.close() };
}

/** The file is written a moment after the lock is taken, and is for people only. */
function describe(about: string): string {
  try {
    const { pid, since } = JSON.parse(readFileSync(about, 'utf8'));
    return `process ${pid}, since ${since}`;
  } catch (error) {
    return `it has only just begun (${error})`;
  }
}
