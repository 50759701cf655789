import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Tls } from '../../certificates.ts';
import { NobodyListensError } from '../../faults/faults.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import { authorize } from '../auth/authorize.ts';
import type { Cluster } from '../cluster.ts';
import type { Kubelet } from '../pods/kubelet.ts';
import { readBody } from './body.ts';
import { discover } from './discovery.ts';
import { type Disturbance, disturbed } from './disturbance.ts';
import { handle } from './handle.ts';
import { parsePath } from './request.ts';
import { StatusError, unknownResource } from './status.ts';

export type ApiServer = { url: string; close(): Promise<void> };

/** What everybody may ask without saying who they are. */
const PUBLIC = ['/version', '/healthz', '/livez', '/readyz'];

/** Listens on 127.0.0.1 with the certificate of the local authority; port 0 chooses a free one. */
export async function startApiServer(options: {
  cluster: Cluster;
  kubelet: Kubelet;
  authenticate: Authenticator;
  tls: Tls;
  port: number;
  disturbance?: Disturbance | undefined;
}): Promise<ApiServer> {
  const { tls, cluster } = options;
  const [key, cert] = await Promise.all([readFile(tls.keyFile), readFile(tls.certFile)]);
  const server = createServer({ key, cert }, (request, response) => {
    answer(options, request, response).catch((error: unknown) => {
      if (error instanceof NobodyListensError) response.destroy();
      else fail(response, error instanceof StatusError ? error : fault(cluster, error));
    });
  });
  // A watch lasts as long as its client likes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  const port = await listen(server, options.port);
  return {
    url: `https://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  options: { cluster: Cluster; kubelet: Kubelet; authenticate: Authenticator; disturbance?: Disturbance | undefined },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { cluster, kubelet } = options;
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://localhost');
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname;
  const method = request.method ?? 'GET';
  const user = PUBLIC.includes(path)
    ? { name: 'system:anonymous', groups: ['system:unauthenticated'] }
    : options.authenticate(request.headers.authorization);
  const target = parsePath(path);
  if (target === null) {
    authorize(cluster.store, user, { verb: method.toLowerCase(), path });
    const found = discover(path, request.headers.host ?? '');
    if (found === undefined) throw unknownResource(path);
    send(response, 200, found, []);
    return;
  }
  const body = await readBody(request);
  const { headers } = request;
  const asked = { method, target, query, headers, body };
  const effect = () => handle({ cluster, kubelet, user, request: asked, response });
  const reply = await disturbed(options.disturbance, asked, effect, response);
  if (reply !== null) send(response, reply.code, reply.body, reply.warnings);
}

function send(response: ServerResponse, code: number, body: unknown, warnings: string[]): void {
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  // RFC 7234, 5.5: 299 is a miscellaneous persistent warning.
  if (warnings.length > 0) {
    response.setHeader(
      'warning',
      warnings.map((warning) => `299 - ${JSON.stringify(warning)}`),
    );
  }
  response.writeHead(code, {
    'content-type': isText ? 'text/plain' : 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function fail(response: ServerResponse, { status }: StatusError): void {
  if (response.headersSent) response.destroy();
  else send(response, status.code, status, []);
}

function fault(cluster: Cluster, error: unknown): StatusError {
  cluster.say(`kubernetes: ${error instanceof Error ? error.stack : error}`);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${error}`);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
