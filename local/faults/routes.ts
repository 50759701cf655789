import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import { readAll } from '../http/body.ts';
import { issuesOf } from '../issues.ts';
import type { CallLog } from './calls.ts';
import { fault } from './fault.ts';
import type { Faults } from './faults.ts';

type Options = { faults: Faults; calls: CallLog; pace?: Record<string, number> };

/** What tests ask of the endpoint itself: `/_health`, `/_faults`, `/_calls`, `/_pace`. */
export async function answerFaults(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  options: Options,
): Promise<void> {
  const [status, body] = await route(`${request.method} ${path}`, request, options);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function route(
  what: string,
  request: IncomingMessage,
  { faults, calls, pace = {} }: Options,
): Promise<[number, unknown]> {
  switch (what) {
    case 'GET /_health':
      return [200, { ok: true, pid: process.pid }];
    case 'GET /_calls':
      return [200, calls.all()];
    case 'GET /_faults':
      return [200, faults.armed()];
    case 'DELETE /_faults':
      faults.clear();
      return [200, {}];
    case 'POST /_faults': {
      const parsed = z.safeParse(fault, parseJson((await readAll(request, 100_000)).toString()));
      if (!parsed.success) return [400, { message: issuesOf(parsed.error) }];
      faults.arm(parsed.data);
      return [200, parsed.data];
    }
    case 'POST /_pace': {
      const seconds = z.partialRecord(z.enum(Object.keys(pace)), z.number().check(z.gte(0)));
      const parsed = z.safeParse(seconds, parseJson((await readAll(request, 100_000)).toString()));
      if (!parsed.success) return [400, { message: issuesOf(parsed.error) }];
      return [200, Object.assign(pace, parsed.data)];
    }
    default:
      return [404, { message: `The local cloud has no ${what}.` }];
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return `not JSON: ${error}`;
  }
}
