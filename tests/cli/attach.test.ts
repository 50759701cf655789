import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { attach, attachToStarting } from '../../cli/local-cloud/attach.ts';
import type { Cloud } from '../../cli/local-cloud/description.ts';
import { untilUnused, useCloud } from '../../cli/local-cloud/users.ts';
import { writeDown } from '../../embedded/processes.ts';

let data: string;
let server: Server;
let answer: string;
let cloud: Cloud;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'carthub-db-test-'));
  server = createServer((_, response) => response.end(answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  cloud = {
    ...{ pid: process.pid, endpoint: `http://127.0.0.1:${port}`, region: 'eu-west-1', account: '000000000000' },
    ...{ kubeconfig: '/k', accessKeyId: 'local', secretAccessKey: 'local', timeScale: 0.02, databaseCaFile: '/c' },
  };
  answer = JSON.stringify({ ok: true, pid: process.pid });
});
afterEach(async () => {
  server.close();
  await rm(data, { recursive: true, force: true });
});

const describeCloud = (text: string) => writeFile(join(data, 'cloud.json'), text);
const never = new AbortController().signal;

describe('the cloud on a data folder', () => {
  test('is the one that cloud.json describes and that says so itself', async () => {
    await describeCloud(JSON.stringify(cloud));
    expect(await attach(data)).toEqual(cloud);
  });

  test('is nobody where nothing is written, or half, or something else', async () => {
    expect(await attach(data)).toBeNull();
    await describeCloud('{"pid": 1, "endp');
    expect(await attach(data)).toBeNull();
    await describeCloud('[]');
    expect(await attach(data)).toBeNull();
  });

  test.each([
    ['another cloud has its port by now', JSON.stringify({ ok: true, pid: 1 })],
    ['another program has its port by now', '<html>'],
  ])('is nobody when %s', async (_, other) => {
    await describeCloud(JSON.stringify(cloud));
    answer = other;
    expect(await attach(data)).toBeNull();
  });

  test('is nobody when nobody listens', async () => {
    await describeCloud(JSON.stringify(cloud));
    server.close();
    await once(server, 'close');
    expect(await attach(data)).toBeNull();
  });

  test('is waited for while the process that has the folder is starting it, and not when that is gone', async () => {
    await writeFile(join(data, 'lock.json'), JSON.stringify({ pid: process.pid }));
    setTimeout(() => void describeCloud(JSON.stringify(cloud)), 50);
    expect(await attachToStarting(data, never)).toEqual(cloud);
    await rm(join(data, 'cloud.json'));
    const { pid = 0 } = spawn('true');
    await writeFile(join(data, 'lock.json'), JSON.stringify({ pid }));
    expect(await attachToStarting(data, never)).toBeNull();
  });
});

describe('whoever started a cloud', () => {
  test('waits until no other process uses it', async () => {
    const other = spawn('sleep', ['60']);
    const gone = once(other, 'exit');
    writeDown(join(data, 'users'), other.pid ?? 0);
    const release = useCloud(data);
    const told: string[] = [];
    const unused = untilUnused(data, () => told.push('waiting'), never).then(() => told.push('unused'));
    setTimeout(() => other.kill(), 300);
    await gone.then(() => told.push('gone'));
    await unused;
    expect(told).toEqual(['waiting', 'gone', 'unused']);
    await release();
    expect(await readdir(join(data, 'users'))).toEqual([]);
  });

  test('does not wait when it is interrupted', async () => {
    const other = spawn('sleep', ['60']);
    writeDown(join(data, 'users'), other.pid ?? 0);
    await untilUnused(data, () => undefined, AbortSignal.abort());
    other.kill();
  });
});
