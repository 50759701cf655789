import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endOrphans } from '../embedded/processes.ts';
import { canReach, runUser } from '../embedded/run-user.ts';
import { withdrawDescription } from './description.ts';
import { LocalCloudStartError } from './errors.ts';
import { lockFolder } from './lock.ts';
import type { Undo } from './undo.ts';

/** The folders that nobody but their owner looks into. PostgreSQL's own, and the certificates, are not among them. */
const PRIVATE = ['s3', 'secrets', 'sns', 'stepfunctions', 'functions', 'images', 'kubernetes', 'logs', 'processes'];

/**
 * Makes the data folder, takes it for this process alone, and ends what a killed one left running on it.
 *
 * @throws LocalCloudStartError when it cannot be used, or another cloud runs on it
 */
export async function takeDataFolder(options: {
  data: string;
  startedAt: string;
  say: (line: string) => void;
  undo: Undo;
  onTaken: (kill: () => Promise<unknown>) => void;
}): Promise<void> {
  const { data, startedAt, say, undo } = options;
  const endProcesses = () => endOrphans(join(data, 'processes'));
  await makeDataFolder(data);
  const lock = lockFolder(data, { pid: process.pid, since: startedAt });
  undo.add('data folder released', () => lock.release());
  options.onTaken(endProcesses);
  await withdrawDescription(data);
  undo.add('cloud.json removed', () => withdrawDescription(data));
  const orphans = await endProcesses();
  if (orphans > 0) say(`ended ${orphans} processes that a killed cloud had left behind`);
}

/**
 * The folder is its owner's alone; where root lends a user to PostgreSQL, that one may pass through it, but not look around.
 */
async function makeDataFolder(folder: string): Promise<void> {
  const user = runUser();
  try {
    await mkdir(folder, { recursive: true });
    await chmod(folder, user === null ? 0o700 : 0o711);
    for (const name of PRIVATE) {
      await mkdir(join(folder, name), { recursive: true });
      await chmod(join(folder, name), 0o700);
    }
  } catch (cause) {
    throw new LocalCloudStartError(`The data folder ${folder} cannot be made, or is another user's: ${cause}`, {
      remedy: 'Name another folder with --data DIR.',
      cause,
    });
  }
  if (canReach(folder, user)) return;
  throw new LocalCloudStartError(
    `PostgreSQL refuses to run as root, and the user ${user?.name}, whom it runs as instead, cannot get into ${folder}.`,
    { remedy: 'Name another folder with --data DIR, or let others pass on the way there: chmod o+x DIR' },
  );
}
