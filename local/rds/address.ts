import { connect, createServer, type Socket } from 'node:net';
import type { Remote } from './admission.ts';

/** What listens under an identifier's stable port while an instance serves it. */
export type Address = {
  port: number;
  /** From now on connections are refused; those that are there stay until one side ends them. */
  close(): void;
};

/**
 * Forwards connections to the server behind `upstream`.
 *
 * @param admits asked at each new connection; one that is not admitted is hung up on. What is there stays whatever changes
 *   later, as connections that AWS tracks do.
 * @throws an error with the code EADDRINUSE when another program has the port
 */
export function openAddress(options: {
  port: number;
  upstream: number;
  admits: (remote: Remote) => boolean;
}): Promise<Address> {
  const { port, upstream, admits } = options;
  const server = createServer({ noDelay: true }, (client) => {
    if (!admits({ port: client.remotePort ?? 0, localPort: port })) {
      client.destroy();
      return;
    }
    join(client, connect({ host: '127.0.0.1', port: upstream, noDelay: true }));
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
