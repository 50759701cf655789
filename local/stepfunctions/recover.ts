import * as z from 'zod/mini';
import type { Description } from './description.ts';
import { type End, lastEvent } from './execution.ts';
import type { HistoryEvent } from './history.ts';
import type { Store } from './store.ts';

/** How a description should have ended that a crash left RUNNING, and that is written down now. */
export async function recover(options: {
  store: Store;
  machine: string;
  found: Description;
  now: Date;
}): Promise<Description> {
  const { store, found } = options;
  const keeper = store.keep(options.machine, found.name);
  const events = await store.mend(options.machine, found.name);
  const now = options.now.getTime();
  // The crash may have come between the last event and the description.
  const ended = endToldBy(events.at(-1));
  const end = ended ?? ABORTED;
  if (!ended) {
    const { type, details } = lastEvent(ABORTED);
    keeper.append({ id: events.length + 1, previousEventId: 0, timestamp: now / 1000, type, ...details });
  }
  const description = { ...found, ...end, stopDate: now };
  keeper.save(description);
  return description;
}

const ABORTED: End = {
  status: 'ABORTED',
  output: null,
  error: null,
  cause: 'The local cloud ended while this execution was running.',
};

const told = z.object({ error: z.optional(z.string()), cause: z.optional(z.string()) });
const last = z.object({
  executionSucceededEventDetails: z.optional(z.object({ output: z.string() })),
  executionFailedEventDetails: z.optional(told),
  executionAbortedEventDetails: z.optional(told),
  executionTimedOutEventDetails: z.optional(told),
});

function endToldBy(event: HistoryEvent | undefined): End | null {
  const details = last.parse(event ?? {});
  if (details.executionSucceededEventDetails) {
    return { status: 'SUCCEEDED', output: details.executionSucceededEventDetails.output, error: null, cause: null };
  }
  if (details.executionTimedOutEventDetails) return { status: 'TIMED_OUT', output: null, error: null, cause: null };
  const bad = details.executionFailedEventDetails ?? details.executionAbortedEventDetails;
  if (!bad) return null;
  const status = details.executionFailedEventDetails ? 'FAILED' : 'ABORTED';
  return { status, output: null, error: bad.error ?? null, cause: bad.cause ?? null };
}
