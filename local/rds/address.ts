import { connect, createServer, type Socket } from 'node:net';
import { LOOPBACK } from '../network/loopback.ts';

/** What listens under an identifier's stable port while an instance serves it. */
export type Address = {
  port: number;
  /** From now on connections are refused; those that are there stay until one side ends them. */
  close(): void;
};

/**
 * Forwards connections to the server behind `upstream`.
 *
 * @param admits asked at each new connection, with the address that it comes from; one that is not admitted is reset, where
 *   AWS would let it wait for its time-out. What is there stays whatever changes later, as connections that AWS tracks do.
 * @throws an error with the code EADDRINUSE when another program has the port
 */
export function openAddress(options: {
  port: number;
  upstream: number;
  admits: (remote: string) => boolean;
}): Promise<Address> {
  const { port, upstream, admits } = options;
  const server = createServer({ noDelay: true }, (client) => {
    // Gone already.
    const remote = client.remoteAddress;
    if (remote === undefined) return;
    client.on('error', () => undefined);
    if (!admits(remote)) {
      client.resetAndDestroy();
      return;
    }
    // The server sees, and pg_stat_activity shows, where it comes from.
    const from = remote === LOOPBACK.everybody ? {} : { localAddress: remote };
    join(client, connect({ host: '127.0.0.1', port: upstream, noDelay: true, ...from }));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', reject);
      resolve({ port, close: () => void server.close() });
    });
  });
}

/** What one side sent before it went is passed on first; then the other side goes too. Nobody of either leaves half. */
function join(client: Socket, server: Socket): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.pipe(to);
    // The close that follows says all that matters.
    from.on('error', () => undefined);
    from.on('close', () => to.destroySoon());
  }
}
