import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../../embedded/error-code.ts';
import type { Description } from './description.ts';
import type { Keeper } from './execution.ts';
import type { HistoryEvent } from './history.ts';

const description = z.object({
  executionArn: z.string(),
  stateMachineArn: z.string(),
  name: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  startDate: z.number(),
  stopDate: z.nullable(z.number()),
  input: z.string(),
  output: z.nullable(z.string()),
  error: z.nullable(z.string()),
  cause: z.nullable(z.string()),
});

const event = z.looseObject({ id: z.int(), previousEventId: z.int(), timestamp: z.number(), type: z.string() });

/**
 * Executions on disk, `<folder>/<machine>/<execution>/`: description.json, and history.jsonl, to which each event is
 * written as it comes, so that a `kill -9` loses none.
 */
export type Store = {
  keep(machine: string, name: string): Keeper;
  /** Every execution that was ever kept and not removed, the oldest first. */
  descriptions(machine: string): Promise<Description[]>;
  history(machine: string, name: string): Promise<HistoryEvent[]>;
  /** Cuts off what a crash left of a last line, so that events can follow; gives those that are whole. */
  mend(machine: string, name: string): Promise<HistoryEvent[]>;
  remove(machine: string, name: string): Promise<void>;
};

export function openStore(folder: string): Store {
  const place = (machine: string, name: string) => join(folder, machine, folderName(name));
  const historyOf = (machine: string, name: string) => join(place(machine, name), 'history.jsonl');
  return {
    keep(machine, name) {
      const at = place(machine, name);
      mkdirSync(at, { recursive: true });
      return {
        append: (one) => appendFileSync(join(at, 'history.jsonl'), `${JSON.stringify(one)}\n`),
        save(one) {
          const half = join(at, 'description.json.half');
          writeFileSync(half, JSON.stringify(one));
          renameSync(half, join(at, 'description.json'));
        },
      };
    },
    async descriptions(machine) {
      const names = await ifMissing<string[]>([], readdir(join(folder, machine)));
      const all = await Promise.all(names.map((name) => readDescription(join(folder, machine, name))));
      return all.filter((one) => one !== null).sort((a, b) => a.startDate - b.startDate);
    },
    history: async (machine, name) => readEvents(await ifMissing('', readFile(historyOf(machine, name), 'utf8'))),
    async mend(machine, name) {
      const text = await ifMissing('', readFile(historyOf(machine, name), 'utf8'));
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      if (whole !== text) await writeFile(historyOf(machine, name), whole);
      return readEvents(whole);
    },
    async remove(machine, name) {
      const gone = `${place(machine, name)}.gone`;
      await ifMissing(undefined, rename(place(machine, name), gone));
      await rm(gone, { recursive: true, force: true });
    },
  };
}

/** Names that are no plain file names get one made of them; the description holds the name itself. */
function folderName(name: string): string {
  if (/^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/.test(name)) return name;
  return `other-${createHash('sha256').update(name).digest('hex')}`;
}

/** Null for what a crash left half made or half removed, which goes. */
async function readDescription(at: string): Promise<Description | null> {
  const text = at.endsWith('.gone')
    ? null
    : await ifMissing<string | null>(null, readFile(join(at, 'description.json'), 'utf8'));
  if (text !== null) return description.parse(JSON.parse(text));
  await rm(at, { recursive: true, force: true });
  return null;
}

function readEvents(text: string): HistoryEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => event.parse(JSON.parse(line)));
}

/** What `read` gives, or `value` where there is nothing to read. */
async function ifMissing<T>(value: T, read: Promise<T>): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return value;
    throw error;
  }
}
