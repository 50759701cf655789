import type { ServerResponse } from 'node:http';
import { NobodyListensError } from '../faults/faults.ts';
import { ServiceError } from '../service.ts';
import type { Answer, Dialect } from './protocol.ts';

/** Sends an error in the service's own form; one that is not the service's is a fault of the local cloud and says so. */
export function sendError(response: ServerResponse, error: unknown, way: Dialect, say?: (line: string) => void): void {
  if (error instanceof NobodyListensError) throw error;
  if (response.destroyed || response.headersSent) throw new NobodyListensError('', { cause: error });
  if (!(error instanceof ServiceError)) {
    say?.(`fault of the local cloud: ${error instanceof Error ? error.stack : error}`);
  }
  send(
    response,
    way.error(error instanceof ServiceError ? error : new ServiceError('InternalFailure', String(error), 500)),
  );
}

/** The name under which the call log keeps how a call failed. */
export function codeOf(error: unknown): string {
  if (error instanceof ServiceError) return error.code;
  return error instanceof NobodyListensError ? 'NoAnswer' : 'InternalFailure';
}

export function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
