import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startTime } from '../../embedded/processes.ts';
import { createCluster, freePort, startServer } from '../../embedded/server.ts';
import { withThrowawayServer } from '../../embedded/throwaway.ts';

let folder: string;
let data: string;
let processes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  await chmod(folder, 0o755);
  data = join(folder, 'pgdata');
  processes = join(folder, 'processes');
  await createCluster(data, { superuser: 'postgres', processes });
});

afterAll(() => rm(folder, { recursive: true }));

async function select(port: number, sql: string): Promise<unknown> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows[0]?.[0];
  } finally {
    await client.end();
  }
}

test('a server is written down while it runs, and not before or after', async () => {
  expect(await readdir(processes)).toEqual([]);
  const server = await startServer({ folder: data, processes });
  expect(await readdir(processes)).toEqual([`${server.pid}.json`]);
  expect(await select(server.port, 'show server_version')).toMatch(/^15\./);

  await server.stop();

  expect(await readdir(processes)).toEqual([]);
  expect(startTime(server.pid)).toBeNull();
});

test('what was committed outlives a crash', async () => {
  const first = await startServer({ folder: data, processes });
  await select(first.port, 'create table kept as select 42 as answer');
  await first.stop('immediate');

  const second = await startServer({ folder: data, processes });

  expect(await select(second.port, 'select answer from kept')).toBe(42);
  await second.stop();
});

test('a port that is taken is named with the server’s own words', async () => {
  const port = await freePort();
  const squatter = createServer();
  squatter.listen(port, '127.0.0.1');
  await once(squatter, 'listening');

  const start = startServer({ folder: data, processes, port });

  await expect(start).rejects.toMatchObject({
    name: 'EmbeddedPostgresError',
    message: expect.stringContaining('Address already in use'),
  });
  expect(await readdir(processes)).toEqual([]);
  squatter.close();
});

test('whoever waits for a server in long recovery can give up, and the server ends', async () => {
  const stop = new AbortController();
  await writeFile(join(data, 'recovery.signal'), '');
  const lines: string[] = [];

  const start = startServer({
    folder: data,
    processes,
    settings: { restore_command: 'sleep 60' },
    signal: stop.signal,
    onLog: (line) => {
      lines.push(line);
      if (line.includes('starting')) stop.abort(new Error('enough'));
    },
  });

  await expect(start).rejects.toThrow('enough');
  expect(await readdir(processes)).toEqual([]);
  await rm(join(data, 'recovery.signal'));
});

test('a throwaway server and its folder are gone afterwards, also after an error', async () => {
  let pid = 0;
  const use = withThrowawayServer(async (server) => {
    pid = server.pid;
    expect(await select(server.port, 'select 1')).toBe(1);
    throw new Error('of the user');
  });

  await expect(use).rejects.toThrow('of the user');
  expect(startTime(pid)).toBeNull();
});

test('a throwaway server whose maker was killed is ended by the next', async () => {
  const maker = spawn(process.execPath, [join(import.meta.dirname, 'hold-throwaway.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line: unknown[] = await once(createInterface({ input: maker.stdout }), 'line');
  const pid = Number(line[0]);
  expect(startTime(pid)).not.toBeNull();
  maker.kill('SIGKILL');
  await once(maker, 'exit');

  await withThrowawayServer(async () => expect(startTime(pid)).toBeNull());
});

test('an ordinary user runs PostgreSQL as himself', async () => {
  const isRoot = process.getuid?.() === 0;
  const script = join(import.meta.dirname, 'hold-throwaway.ts');
  const command = isRoot
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, script]
    : [process.execPath, script];
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '', TMPDIR: '/tmp', HOME: '/nonexistent' },
  });
  const line: unknown[] = await once(createInterface({ input: child.stdout }), 'line');
  const pid = Number(line[0]);

  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  child.stdin.end();
  const [code] = await once(child, 'exit');

  expect(status).toMatch(new RegExp(`Uid:\\s+${isRoot ? 65534 : process.getuid?.()}`));
  expect(code).toBe(0);
  expect(startTime(pid)).toBeNull();
});
