import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ensureTls, type Tls } from '../../local/certificates.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carthub-db-tls-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test.each(['127.0.0.1', 'localhost'])('a client that trusts the authority reaches %s', async (host) => {
  const tls = await ensureTls(folder);
  expect(await reach(tls, host, await readFile(tls.caFile))).toBe('hello');
});

test('a client that does not trust the authority is not reached', async () => {
  const tls = await ensureTls(folder);
  const other = await ensureTls(join(folder, 'other'));
  await expect(reach(tls, '127.0.0.1', await readFile(other.caFile))).rejects.toThrow(/certificate/);
});

test('private keys are readable by their owner only', async () => {
  const tls = await ensureTls(folder);
  for (const file of [tls.keyFile, join(folder, 'ca.key')]) expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test('files that are sound stay as they are', async () => {
  const first = await contents(await ensureTls(folder));
  expect(await contents(await ensureTls(folder))).toEqual(first);
});

test('a server certificate near its end is renewed by the same authority', async () => {
  const first = await contents(await ensureTls(folder));
  const later = new Date(Date.now() + 780 * 86_400_000);
  const second = await contents(await ensureTls(folder, () => later));
  expect(second.ca).toBe(first.ca);
  expect(new X509Certificate(second.cert).validToDate > later).toBe(true);
});

test('a key that does not fit its certificate is replaced with a pair that fits', async () => {
  const tls = await ensureTls(folder);
  await writeFile(tls.keyFile, await readFile(join(folder, 'ca.key')));
  await ensureTls(folder);
  expect(await reach(tls, '127.0.0.1', await readFile(tls.caFile))).toBe('hello');
});

test('an authority that was removed is made anew, with a server certificate of its own', async () => {
  const tls = await ensureTls(folder);
  await rm(tls.caFile);
  await ensureTls(folder);
  expect(await reach(tls, '127.0.0.1', await readFile(tls.caFile))).toBe('hello');
});

async function contents(tls: Tls): Promise<{ ca: string; cert: string; key: string }> {
  const [ca, cert, key] = await Promise.all([tls.caFile, tls.certFile, tls.keyFile].map((f) => readFile(f, 'utf8')));
  return { ca: `${ca}`, cert: `${cert}`, key: `${key}` };
}

async function reach(tls: Tls, host: string, ca: Buffer): Promise<string> {
  const server = createServer({ key: await readFile(tls.keyFile), cert: await readFile(tls.certFile) }, (_, response) =>
    response.end('hello'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await new Promise((resolve, reject) => {
      get({ host, port, ca, family: 4, agent: false }, (response) => {
        response.setEncoding('utf8').once('data', resolve);
      }).once('error', reject);
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
