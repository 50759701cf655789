import type { StateFailure } from './failure.ts';
import type { History } from './history.ts';
import type { Json } from './json.ts';

/** One attempt at a Task. */
export type Attempt = {
  input: Json;
  timeoutSeconds: number | null;
  history: History;
  signal: AbortSignal;
};

/** Error and cause of an event: keys that are not there rather than empty. */
export function detailsOf({ error, reason }: StateFailure): { error?: string; cause?: string } {
  return { ...(error === null ? {} : { error }), ...(reason === null ? {} : { cause: reason }) };
}
