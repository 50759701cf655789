import type { ServerResponse } from 'node:http';
import * as z from 'zod/mini';
import type { CallLog } from '../../faults/calls.ts';
import { type Faults, suffer } from '../../faults/faults.ts';
import { ServiceError } from '../../service.ts';
import type { ApiReply, ApiRequest } from './handle.ts';
import { verbOf } from './request.ts';
import { StatusError } from './status.ts';

/** Faults that a test arms, and the log of calls: those of the endpoint, with the service `kubernetes`. */
export type Disturbance = { faults: Faults; calls: CallLog };

/**
 * Runs `effect` as an armed fault wants it. A fault names it by operation (`create jobs`, `get pods/log`) and, if it likes,
 * by `namespace` and `name`; its status and code become those of the Status object.
 */
export async function disturbed(
  disturbance: Disturbance | undefined,
  { method, target, query, body }: ApiRequest,
  effect: () => ApiReply | null,
  response: ServerResponse,
): Promise<ApiReply | null> {
  if (disturbance === undefined) return effect();
  const { resource, subresource, namespace } = target;
  const operation = `${verbOf(method, target, query) ?? method} ${resource}${subresource === null ? '' : `/${subresource}`}`;
  const subject = { service: 'kubernetes', operation, input: { namespace, name: target.name ?? nameIn(body) } };
  const complete = disturbance.calls.begin(subject);
  const gone = new Promise<void>((resolve) => response.on('close', resolve));
  try {
    const reply = await suffer(disturbance.faults.take(subject), async () => effect(), gone);
    complete('OK');
    return reply;
  } catch (error) {
    const isFault = error instanceof ServiceError;
    const status = isFault ? new StatusError(error.status, error.code, error.message) : error;
    complete(status instanceof StatusError ? (status.status.reason ?? '') : 'NoAnswer');
    throw status;
  }
}

function nameIn(body: unknown): string | null {
  const parsed = z.safeParse(z.object({ metadata: z.object({ name: z.string() }) }), body);
  return parsed.success ? parsed.data.metadata.name : null;
}
