import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CallLog } from '../faults/calls.ts';
import { type Faults, suffer } from '../faults/faults.ts';
import { notImplemented, type Service, ServiceError, type StreamingService } from '../service.ts';
import { plainHeaders, readAll } from './body.ts';
import { callerOf } from './caller.ts';
import { codeOf, send, sendError } from './failure.ts';
import { dialect } from './protocol.ts';
import { queryInput } from './query-input.ts';
import { serviceOf } from './route.ts';
import {
  type Credentials,
  credentialsOf,
  readSignature,
  type SignedRequest,
  sha256,
  verifySignature,
} from './signature.ts';
import { answerStream } from './stream.ts';

type Options = {
  services: (Service | StreamingService)[];
  faults: Faults;
  calls: CallLog;
  credentials: Credentials[];
  now: () => Date;
  say?: (line: string) => void;
};

// Lambda's largest payload is 6 MB; nobody else comes near.
const MAX_BODY = 10 * 1024 * 1024;

/** Answers one call of any service. */
export async function answerCall(request: IncomingMessage, response: ServerResponse, options: Options): Promise<void> {
  const requestId = randomUUID();
  const headers = plainHeaders(request);
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const signed: SignedRequest = { method: request.method ?? 'GET', path, search, headers };
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  response.setHeader('x-amzn-requestid', requestId);

  let way = dialect({ protocol: guessProtocol(headers), service: '', contentType: contentType(headers), requestId });
  try {
    const signature = readSignature(signed);
    if (signature?.service === 's3') {
      const service = options.services.find((candidate) => candidate.protocol === 's3');
      way = dialect({ protocol: 's3', service: 's3', contentType: '', requestId });
      if (service?.protocol !== 's3') throw notImplemented('s3', 'anything');
      response.setHeader('x-amz-request-id', requestId);
      return await answerStream({ request, response, signed, signature, service, gone, ...options });
    }
    const body = await readAll(request, MAX_BODY);
    const form = contentType(headers).startsWith('application/x-www-form-urlencoded')
      ? new URLSearchParams(body.toString())
      : null;
    const name = serviceOf({ signature, headers, path, form });
    const service = options.services.find((candidate) => candidate.name === name);
    const protocol = service?.protocol ?? guessProtocol(headers);
    way = dialect({ protocol, service: name, contentType: contentType(headers), requestId });
    if (signature) {
      verifySignature({
        request: signed,
        signature,
        credentials: credentialsOf(signature, options.credentials),
        payloadHash: headers['x-amz-content-sha256'] ?? sha256(body),
        now: options.now(),
      });
    }
    const query = new URLSearchParams(search);
    const operation = form?.get('Action') ?? headers['x-amz-target']?.split('.').pop() ?? null;
    if (!service || service.protocol === 's3') throw notImplemented(name, operation ?? `${signed.method} ${path}`);
    const named = operation ?? service.operationOf?.(signed.method, path, query) ?? null;
    const input = form ? queryInput(form) : jsonInput(body, service.protocol);
    const label = named ?? `${signed.method} ${path}`;
    const subject = { service: name, operation: label, input, by: callerOf(headers) };
    const complete = options.calls.begin(subject);
    try {
      const fault = options.faults.take(subject);
      const caller = signature ? { caller: signature.accessKeyId } : {};
      const call = { operation: named, input, method: signed.method, path, query, headers, body, ...caller };
      const reply = await suffer(fault, () => service.call(call), gone);
      complete('OK');
      send(response, way.reply(reply, label));
    } catch (error) {
      complete(codeOf(error));
      throw error;
    }
  } catch (error) {
    sendError(response, error, way, options.say);
  }
}

function jsonInput(body: Buffer, protocol: 'query' | 'json' | 'rest-json'): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value));
  } catch (cause) {
    if (protocol === 'json') throw new ServiceError('SerializationException', `The body is not JSON: ${cause}`);
  }
  // A REST service may take a body that is no document, such as a function's payload: it reads `body` itself.
  return {};
}

function contentType(headers: Record<string, string>): string {
  return headers['content-type'] ?? '';
}

function guessProtocol(headers: Record<string, string>): 'query' | 'json' | 'rest-json' {
  if (headers['x-amz-target'] !== undefined) return 'json';
  return contentType(headers).startsWith('application/x-www-form-urlencoded') ? 'query' : 'rest-json';
}
