import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '../../embedded/server.ts';
import { type Address, openAddress } from '../../local/rds/address.ts';

let upstream: Server;
let accepted: Socket[];
let address: Address;
let isAdmitted: boolean;

beforeEach(async () => {
  accepted = [];
  isAdmitted = true;
  upstream = createServer((socket) => {
    socket.on('error', () => undefined);
    accepted.push(socket);
  });
  const port = await freePort();
  upstream.listen(port, '127.0.0.1');
  await once(upstream, 'listening');
  address = await openAddress({ port: await freePort(), upstream: port, admits: () => isAdmitted });
});

afterEach(() => {
  address.close();
  upstream.close();
  for (const socket of accepted) socket.destroy();
});

async function meet(): Promise<{ client: Socket; server: Socket }> {
  const client = connect(address.port, '127.0.0.1');
  client.on('error', () => undefined);
  await once(upstream, 'connection');
  const server = accepted.at(-1);
  if (!server) throw new Error('nobody came');
  return { client, server };
}

test('everything that was sent before the end arrives, and then the end', async () => {
  const { client, server } = await meet();
  client.end(Buffer.alloc(5_000_000, 'x'));

  let bytes = 0;
  server.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await once(server, 'end');

  expect(bytes).toBe(5_000_000);
});

test('what the server said last reaches the client before it is gone', async () => {
  const { client, server } = await meet();
  server.end('terminating connection');

  const [said] = await once(client, 'data');
  await once(client, 'close');

  expect(String(said)).toBe('terminating connection');
});

test('a client that breaks off takes its side of the server along', async () => {
  const { client, server } = await meet();
  const closed = once(server, 'close');
  server.resume();
  client.resetAndDestroy();

  await closed;
});

test('who is not admitted is reset and never reaches the server; who was in stays', async () => {
  const { client, server } = await meet();
  isAdmitted = false;

  const [error] = await once(connect(address.port, '127.0.0.1'), 'error');

  expect(error).toMatchObject({ code: 'ECONNRESET' });

  expect(accepted).toHaveLength(1);
  server.write('still here');
  expect(String((await once(client, 'data'))[0])).toBe('still here');
  client.destroy();
});

test('after it is closed connections are refused, and those that are there stay', async () => {
  const { client, server } = await meet();
  address.close();

  const [error] = await once(connect(address.port, '127.0.0.1'), 'error');

  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  client.write('still here');
  expect(String((await once(server, 'data'))[0])).toBe('still here');
  client.destroy();
});

test('a port of another program is named', async () => {
  const port = address.port;

  await expect(openAddress({ port, upstream: 1, admits: () => true })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
