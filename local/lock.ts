import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import { LocalCloudStartError } from './errors.ts';

const holder = z.object({ pid: z.int(), since: z.string() });
const place = z.object({ endpoint: z.string() });

/** What the holder of a data folder says of itself to whoever is refused. */
export type Holder = z.infer<typeof holder>;

export type Lock = { release(): void };

/**
 * Takes a data folder for this process alone, or throws an error that says who has it.
 *
 * The lock is SQLite's on an empty database file: the operating system keeps it, and takes it from a process that dies,
 * however that dies; a file with a process's number in it can do neither without a race.
 */
export function lockFolder(folder: string, about: Holder): Lock {
  const database = new DatabaseSync(join(folder, 'lock'));
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    database.close();
    throw new LocalCloudStartError(`Another local cloud runs on ${folder}: ${describe(folder)}.`, {
      remedy: 'Use that one, end it, or name another folder with --data DIR.',
      cause,
    });
  }
  writeFileSync(join(folder, 'lock.json'), JSON.stringify(about));
  return { release: () => database.close() };
}

/** Both files are for people, and each may be missing while the other cloud has only just begun. */
function describe(folder: string): string {
  const who = z.safeParse(holder, read(join(folder, 'lock.json')));
  const where = z.safeParse(place, read(join(folder, 'cloud.json')));
  const process = who.success ? `process ${who.data.pid}, since ${who.data.since}` : 'it has only just begun';
  return where.success ? `${process}, at ${where.data.endpoint}` : process;
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    return error;
  }
}
