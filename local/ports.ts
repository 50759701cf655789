import { readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { hasCode } from '../embedded/error-code.ts';
import { LocalCloudStartError } from './errors.ts';

/** The ports of a data folder: chosen once, kept in `ports.json`, so that a URL stays good from one start to the next. */
export type Ports = {
  /**
   * The port of `name` (`endpoint`, `kubernetes`, `rds/<identifier>`). Free at the first call of a process; further calls
   * give the same answer whether it is in use by then or not.
   */
  claim(name: string): Promise<number>;
  /** Gives the port of `name` back to nobody in particular, when what it stood for is gone. */
  forget(name: string): Promise<void>;
};

const file = z.record(z.string(), z.int());
// Below Linux's range for outgoing connections (32768 and up), which take ports at random.
const FIRST = 20_000;
const COUNT = 10_000;

/** @param say one line for a person, when a port that was taken is replaced */
export async function openPorts(folder: string, options: { say: (line: string) => void }): Promise<Ports> {
  const path = join(folder, 'ports.json');
  const ports = new Map(Object.entries(await read(path)));
  const claimed = new Map<string, Promise<number>>();
  let writing = Promise.resolve();
  const save = () => {
    writing = writing.then(async () => {
      await writeFile(`${path}.tmp`, `${JSON.stringify(Object.fromEntries(ports), null, 2)}\n`);
      await rename(`${path}.tmp`, path);
    });
    return writing;
  };

  async function choose(name: string): Promise<number> {
    const kept = ports.get(name);
    if (kept !== undefined && (await isFree(kept))) return kept;
    let port = random();
    while ([...ports.values()].includes(port) || !(await isFree(port))) port = random();
    ports.set(name, port);
    await save();
    if (kept !== undefined)
      options.say(`port ${kept} of ${name} is taken by another program; using ${port} from now on`);
    return port;
  }

  return {
    claim(name) {
      const choice = claimed.get(name) ?? choose(name);
      claimed.set(name, choice);
      return choice;
    },
    async forget(name) {
      claimed.delete(name);
      if (ports.delete(name)) await save();
    },
  };
}

/** The endpoint's port: the one that was asked for, which has to be free, or the one that the folder remembers. */
export async function claimEndpoint(ports: Ports, wanted: number | null): Promise<number> {
  if (wanted === null) return ports.claim('endpoint');
  if (await isFree(wanted)) return wanted;
  throw new LocalCloudStartError(`Port ${wanted} is taken by another program.`, {
    remedy: 'Name another port with --port, or none: then the cloud chooses one, and keeps it.',
  });
}

/** Whether nobody listens on `port` of the loopback interface right now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function random(): number {
  return FIRST + Math.floor(Math.random() * COUNT);
}

async function read(path: string): Promise<Record<string, number>> {
  try {
    return z.parse(file, JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return {};
    throw error;
  }
}
