import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { createLambda } from '../../local/lambda/lambda.ts';
import { createNetwork } from '../../local/network/network.ts';
import { readStack } from '../../local/stack/deploy.ts';

const root = resolve(import.meta.dirname, '../..');
const ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:probe';

/** Says from where each kind of connection came. */
const PROBE = `
const net = require('node:net'), http = require('node:http');
const answer = (connection) => new Promise((resolve, reject) => {
  connection.on('error', reject).on('data', (text) => resolve(String(text).split('\\n').pop()));
  connection.write('GET / HTTP/1.0\\r\\n\\r\\n');
});
const get = (url) => new Promise((resolve, reject) =>
  http.get(url, (response) => response.on('data', (text) => resolve(String(text)))).on('error', reject));
const all = async (port) => [
  await answer(net.connect(port, '127.0.0.1')), await answer(net.connect({ port, host: '127.0.0.1' })),
  await answer(new net.Socket().connect(port, '127.0.0.1')), await answer(net.connect(String(port))),
  await answer(net.connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' })),
  await get('http://127.0.0.1:' + port), await get('http://localhost:' + port), await (await fetch('http://127.0.0.1:' + port)).text(),
];`;

test('functions and pods come from an address of their own, however they connect; everybody else from 127.0.0.1', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carthub-network-'));
  const server = createServer((request, response) => response.end(request.socket.remoteAddress)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bundle = join(folder, 'probe.cjs');
  await writeFile(bundle, `${PROBE} exports.handler = ({ port }) => all(port);`);
  const fn = {
    name: 'probe',
    arn: ARN,
    handler: 'handler',
    environment: {},
    timeoutSeconds: 20,
    memoryMiB: 128,
    bundle,
  };
  const lambda = createLambda({ functions: [fn], environment: {}, logs: folder, now: () => new Date() });
  try {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const program = ['-e', `${PROBE} all(${port}).then((all) => console.log(JSON.stringify(all)))`];
    const run = async (...args: string[]) =>
      JSON.parse((await promisify(execFile)(process.execPath, [...args, ...program])).stdout);
    const expected = (from: string) => [from, from, from, from, '127.0.0.9', from, from, from];

    expect(await run()).toEqual(expected('127.0.0.1'));
    expect(await run('--import', join(root, 'local/network/pod.ts'))).toEqual(expected('127.0.0.3'));
    expect(JSON.parse((await lambda.invoke(ARN, JSON.stringify({ port }))).payload)).toEqual(expected('127.0.0.2'));
  } finally {
    await lambda.stop();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  }
});

test('the stack’s groups for the database let in everybody, or nobody but the functions; the default one nobody', () => {
  const { stack } = readStack({
    ...{ root, folder: '/nowhere', database: 'carthub', region: 'eu-west-1', account: '000000000000' },
  });
  const network = createNetwork();
  network.deploy(stack.network);
  const idOf = (wanted: string) => stack.network.groups.find(({ logicalId }) => logicalId === wanted)?.id ?? '';
  const admitted = (...ids: string[]) =>
    ['127.0.0.1', '127.0.0.2', '127.0.0.3', '192.168.0.1'].filter((address) => network.admits(ids, address));

  expect(idOf('OpsSecurityGroup')).toMatch(/^sg-[0-9a-f]{17}$/);
  expect(stack.network.functions).toEqual([idOf('FunctionSecurityGroup')]);
  expect(admitted(idOf('OpsSecurityGroup'))).toEqual(['127.0.0.2']);
  expect(admitted(idOf('ApplicationSecurityGroup'))).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  expect(admitted(idOf('OpsSecurityGroup'), idOf('ApplicationSecurityGroup'))).toHaveLength(3);
  expect([admitted(network.defaultGroup), admitted()]).toEqual([[], []]);
  expect([network.has(network.defaultGroup), network.has('sg-unknown')]).toEqual([true, false]);
});
