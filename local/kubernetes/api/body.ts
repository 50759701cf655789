import type { IncomingMessage } from 'node:http';
import { badRequest, StatusError } from './status.ts';

/** The real server's limit for a request. */
const MAX_BYTES = 3 * 1024 * 1024;

/** The JSON that came with the request, or undefined when nothing came. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BYTES}`);
    }
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim() ?? '';
  if (type !== 'application/json' && !type.endsWith('-patch+json')) {
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: application/json (the local cloud does not implement ${type}: write a manifest and use kubectl apply -f)`,
    );
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch (error) {
    throw badRequest(`the object provided is unrecognized: couldn't get version/kind; json parse error: ${error}`);
  }
}
