import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CallLog } from './faults/calls.ts';
import { type Faults, NobodyListensError } from './faults/faults.ts';
import { answerFaults } from './faults/routes.ts';
import { answerCall } from './http/answer.ts';
import type { Credentials } from './http/signature.ts';
import type { Service, StreamingService } from './service.ts';

/** One loopback HTTP endpoint for all services, as `AWS_ENDPOINT_URL` wants it. */
export type Endpoint = {
  /** Resolves when it accepts connections; 0 chooses a free port. */
  listen(port: number): Promise<void>;
  /** Ends all connections, also those in the middle of a call. */
  close(): Promise<void>;
  /** `http://127.0.0.1:PORT`; S3 clients switch to path style for an address, which `localhost` is not. */
  readonly url: string;
};

export type EndpointOptions = {
  services: (Service | StreamingService)[];
  faults: Faults;
  calls: CallLog;
  /** How long services take for things, by kind, which a test may change. */
  pace?: Record<string, number>;
  /** Of everybody who may call; an unknown access key is told the first one's. */
  credentials: Credentials | Credentials[];
  now: () => Date;
  /** One line of a fault of the local cloud's own, which the client sees as InternalFailure. */
  say?: (line: string) => void;
};

/**
 * Makes the endpoint. Besides the services it answers `GET /_health`, `GET`, `POST` and `DELETE /_faults`, `GET /_calls` and `POST /_pace`; bucket
 * names cannot start with an underscore, so nothing else lies there.
 */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const credentials = [options.credentials].flat();
  const server = createServer((request, response) => {
    answer(request, response, { ...options, credentials }).catch((error: unknown) => {
      if (!(error instanceof NobodyListensError)) options.say?.(`endpoint: ${describe(error)}`);
      response.destroy();
    });
  });
  // Uploads may take as long as they take, and idle clients keep their connections over the waits of a workflow.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 120_000;
  return {
    listen: (port) => listen(server, port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    get url() {
      const address = server.address();
      return typeof address === 'object' && address ? `http://127.0.0.1:${address.port}` : '';
    },
  };
}

type Answering = Omit<EndpointOptions, 'credentials'> & { credentials: Credentials[] };

async function answer(request: IncomingMessage, response: ServerResponse, options: Answering): Promise<void> {
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path.startsWith('/_')) await answerFaults(request, response, path, options);
  else await answerCall(request, response, options);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
