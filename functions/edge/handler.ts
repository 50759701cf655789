import type * as z from 'zod/mini';
import { isTransient, ServiceUnavailableError } from '../../lib/aws/transient.ts';
import { CarthubError, toWireMessage } from '../../lib/errors.ts';
import { parseInput } from '../../lib/runs/run.ts';

/**
 * A Lambda handler: parses the event with `input`, runs, and returns JSON in which nothing is absent.
 *
 * An error leaves as Lambda reports it: its `name` is what the state machine matches, its message ends with the remedy.
 * What may go away by itself leaves as `ServiceUnavailableError`, the one name that the state machines retry.
 */
export function defineHandler<T extends z.ZodMiniType, R>(
  input: T,
  run: (input: z.infer<T>) => Promise<R>,
): (event: unknown) => Promise<R | null> {
  return async (event) => {
    try {
      return (await run(parseInput(input, event, 'this step'))) ?? null;
    } catch (error) {
      throw reported(error);
    }
  };
}

function reported(error: unknown): Error {
  const named =
    !(error instanceof CarthubError) && isTransient(error)
      ? new ServiceUnavailableError(error instanceof Error ? `${error.name}: ${error.message}` : String(error), {
          remedy: 'Try again; look at the health of the service if it goes on.',
          cause: error,
        })
      : error;
  if (!(named instanceof CarthubError)) return named instanceof Error ? named : new Error(String(named));
  const wire = new Error(toWireMessage(named), { cause: named });
  wire.name = named.name;
  return wire;
}
