import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { createFrames } from './postgres-frames.ts';

/**
 * What happens when a client sends a statement that a rule is for.
 *
 * - `cut-before`: both connections are destroyed, and the server never hears of it.
 * - `cut-after`: the server executes it; the connections are destroyed before the client hears the answer.
 * - `hold`: it waits in the proxy until `release()`. `hold-reply`: the server's answer does.
 * - `silence`: from here on nothing passes either way, and nothing is closed: a network that is gone.
 */
export type Action = 'cut-before' | 'cut-after' | 'hold' | 'hold-reply' | 'silence';

/** `reached` settles when the rule has acted, once. */
export type Hit = { reached: Promise<void>; release(): void };

export type PostgresProxy = {
  port: number;
  /** Arms a rule, which acts on the first statement that matches. */
  once(action: Action, matches: (sql: string) => boolean): Hit;
  /** Every statement that went through, in order. */
  statements: string[];
  close(): Promise<void>;
};

type Rule = { action: Action; matches: (sql: string) => boolean; reach: () => void; released: Promise<void> };

/**
 * A TCP proxy before a PostgreSQL server that reads the wire protocol
 * (https://www.postgresql.org/docs/15/protocol-message-formats.html), so that a test can break a connection at an exact
 * statement. With `tls` it is the server to the client, and a client to the server.
 */
export async function startPostgresProxy(target: {
  port: number;
  tls?: { key: string; cert: string };
}): Promise<PostgresProxy> {
  let rules: Rule[] = [];
  const statements: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Messages are passed on one by one: held back until the last is acknowledged, each would take 40 ms.
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    }
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    greet(client, upstream, target.tls)
      .then(([from, to]) => join(from, to))
      .catch(() => client.destroy());
  });

  function take(sql: string): Rule | null {
    statements.push(sql);
    const rule = rules.find(({ matches }) => matches(sql)) ?? null;
    rules = rules.filter((other) => other !== rule);
    return rule;
  }

  function join(client: Duplex, upstream: Duplex): void {
    let silent = false;
    let answer: 'pass' | 'drop' | Promise<void> = 'pass';
    const cut = () => {
      client.destroy();
      upstream.destroy();
    };
    const requests = createFrames(true);
    const replies = createFrames(false);
    inOrder(client, async (data) => {
      for (const { bytes, sql } of requests(data)) {
        const rule = sql === null ? null : take(sql);
        if (rule?.action === 'hold') {
          rule.reach();
          await rule.released;
        } else if (rule?.action === 'cut-before') {
          cut();
        } else if (rule?.action === 'silence') {
          silent = true;
        } else if (rule?.action === 'cut-after') {
          answer = 'drop';
        } else if (rule?.action === 'hold-reply') {
          answer = rule.released;
        }
        if (!silent && upstream.writable) upstream.write(bytes);
        if (rule && rule.action !== 'cut-after') rule.reach();
        if (rule?.action === 'cut-after') afterAnswer = rule.reach;
      }
    });
    let afterAnswer: () => void = () => undefined;
    inOrder(upstream, async (data) => {
      for (const { bytes, ready } of replies(data)) {
        if (silent) continue;
        if (answer === 'drop') {
          if (!ready) continue;
          cut();
          afterAnswer();
          return;
        }
        if (answer !== 'pass') {
          await answer;
          answer = 'pass';
        }
        if (client.writable) client.write(bytes);
      }
    });
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    statements,
    once(action, matches) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      rules.push({ action, matches, reach: reached.resolve, released: released.promise });
      return { reached: reached.promise, release: released.resolve };
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Handles one piece after the other, also when a piece has to wait. */
function inOrder(stream: Duplex, handle: (data: Buffer) => Promise<void>): void {
  let last = Promise.resolve();
  stream.on('data', (data: Buffer) => {
    last = last.then(() => handle(data));
  });
  stream.resume();
}

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/** Answers the client's request for TLS, and asks the server for the same. */
async function greet(
  client: Socket,
  upstream: Socket,
  tls: { key: string; cert: string } | undefined,
): Promise<[Duplex, Duplex]> {
  const first: Buffer = await once(client, 'data').then(([data]) => data);
  client.pause();
  if (!first.equals(SSL_REQUEST)) {
    client.unshift(first);
    return [client, upstream];
  }
  if (!tls) {
    client.write('N');
    return [client, upstream];
  }
  upstream.write(SSL_REQUEST);
  await once(upstream, 'data');
  const secureUpstream = connectTls({ socket: upstream, rejectUnauthorized: false });
  await once(secureUpstream, 'secureConnect');
  client.write('S');
  const secureClient = new TLSSocket(client, { isServer: true, ...tls });
  for (const stream of [secureClient, secureUpstream]) stream.on('error', () => client.destroy());
  return [secureClient, secureUpstream];
}
