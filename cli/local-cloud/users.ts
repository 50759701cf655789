import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';
import { startTime, writeDown } from '../../embedded/processes.ts';

const note = z.object({ pid: z.int(), started: z.nullable(z.string()) });
const POLL_MS = 100;

/**
 * Writes down that this process uses the cloud on `data`, so that whoever started that cloud does not end it meanwhile.
 * To be done before looking for the cloud. Returns what takes the note away.
 */
export function useCloud(data: string): () => Promise<void> {
  return writeDown(join(data, 'users'), process.pid);
}

/** Waits until no other process uses the cloud on `data`, or we are interrupted. `onWait` is told once, if it comes to that. */
export async function untilUnused(data: string, onWait: () => void, interrupted: AbortSignal): Promise<void> {
  for (let told = false; !interrupted.aborted && (await isUsed(join(data, 'users'))); told = true) {
    if (!told) onWait();
    await pause(POLL_MS);
  }
}

async function isUsed(folder: string): Promise<boolean> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const user = await readNote(file);
    if (user === null || user.pid === process.pid) continue;
    if (user.started !== null && startTime(user.pid) === user.started) return true;
    await rm(file, { force: true });
  }
  return false;
}

/** Null for one that is just being written or taken away. */
async function readNote(file: string): Promise<z.infer<typeof note> | null> {
  try {
    return note.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return null;
    throw error;
  }
}
