import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { openPorts } from '../../local/ports.ts';

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-db-ports-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a port stays the same from one start to the next, and its name can be forgotten', () =>
  withFolder(async (folder) => {
    const first = await openPorts(folder, { say: () => undefined });
    const [a, b] = await Promise.all([first.claim('endpoint'), first.claim('rds/a')]);
    expect(a).not.toBe(b);
    expect(await first.claim('endpoint')).toBe(a);
    const second = await openPorts(folder, { say: () => undefined });
    expect(await second.claim('endpoint')).toBe(a);
    expect(await second.claim('rds/a')).toBe(b);
    await second.forget('rds/a');
    expect(JSON.parse(await readFile(join(folder, 'ports.json'), 'utf8'))).toEqual({ endpoint: a });
  }));

test('a port that another program took is replaced, and that is said', () =>
  withFolder(async (folder) => {
    const taken = await (await openPorts(folder, { say: () => undefined })).claim('endpoint');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(taken, '127.0.0.1', resolve));
    try {
      const said: string[] = [];
      const port = await (await openPorts(folder, { say: (line) => said.push(line) })).claim('endpoint');
      expect(port).not.toBe(taken);
      expect(said).toEqual([expect.stringContaining(`port ${taken} of endpoint is taken`)]);
      expect(await (await openPorts(folder, { say: () => undefined })).claim('endpoint')).toBe(port);
    } finally {
      server.close();
    }
  }));
