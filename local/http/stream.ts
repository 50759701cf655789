import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CallLog } from '../faults/calls.ts';
import { type Faults, suffer } from '../faults/faults.ts';
import type { StreamingService } from '../service.ts';
import { readAll } from './body.ts';
import { callerOf } from './caller.ts';
import { codeOf } from './failure.ts';
import { type Credentials, credentialsOf, type Signature, type SignedRequest, verifySignature } from './signature.ts';

// A body that a fault wants twice or late is held in memory, so it has to be one of a test.
const MAX_HELD = 64 * 1024 * 1024;

/** Answers one call of a service whose bodies may be larger than memory. */
export async function answerStream(options: {
  request: IncomingMessage;
  response: ServerResponse;
  signed: SignedRequest;
  signature: Signature;
  service: StreamingService;
  gone: Promise<void>;
  faults: Faults;
  calls: CallLog;
  credentials: Credentials[];
  now: () => Date;
}): Promise<void> {
  const { request, response, signed, signature, service } = options;
  verifySignature({
    request: signed,
    signature,
    credentials: credentialsOf(signature, options.credentials),
    payloadHash: signed.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
    now: options.now(),
  });
  const head = {
    method: signed.method,
    path: signed.path,
    query: new URLSearchParams(signed.search),
    headers: signed.headers,
  };
  const described = service.describe(head);
  const subject = {
    service: service.name,
    operation: described.operation ?? `${signed.method} ${signed.path}`,
    input: described.input,
    by: callerOf(signed.headers),
  };
  const complete = options.calls.begin(subject);
  try {
    const fault = options.faults.take(subject);
    const held = fault?.mode === 'twice' || fault?.mode === 'late' ? await readAll(request, MAX_HELD) : null;
    const content = () => (held ? Readable.from([held], { objectMode: false }) : request);
    const effect = () => service.stream({ ...head, ...described, content: content() });
    const { status = 200, headers = {}, body } = await suffer(fault, effect, options.gone);
    response.writeHead(status, headers);
    // What is left of a body that nobody wanted must not be taken for the connection's next request.
    request.resume();
    if (body instanceof Readable) await pipeline(body, response);
    else response.end(body);
    complete('OK');
  } catch (error) {
    complete(codeOf(error));
    throw error;
  }
}
