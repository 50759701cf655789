import { runtimeFailure } from './failure.ts';

/** An event as GetExecutionHistory gives it, details under their own name (`stateEnteredEventDetails`). */
export type HistoryEvent = {
  id: number;
  previousEventId: number;
  /** Seconds of the epoch. */
  timestamp: number;
  type: string;
  [details: string]: unknown;
};

/** "Maximum execution history size" (service-quotas page): the 25,000th event is the failure. */
const MOST_EVENTS = 25_000;

/**
 * The history of one running execution, of which every event is written down as it comes.
 */
export type History = {
  /** @returns the event's id @throws {StateFailure} when the history is full */
  add(type: string, details?: Record<string, object>): number;
  /** The last event. `ExecutionAborted` and `ExecutionTimedOut` follow on nothing, as on AWS. */
  close(type: string, details: Record<string, object>): void;
  readonly events: HistoryEvent[];
};

export function createHistory(options: { now: () => Date; append: (event: HistoryEvent) => void }): History {
  const events: HistoryEvent[] = [];

  function record(type: string, details: Record<string, object>, previousEventId: number): number {
    const id = events.length + 1;
    const event = { id, previousEventId, timestamp: options.now().getTime() / 1000, type, ...details };
    events.push(event);
    options.append(event);
    return id;
  }

  return {
    events,
    add(type, details = {}) {
      const last = events.length;
      if (last + 1 >= MOST_EVENTS) {
        throw runtimeFailure(`The execution reached the maximum number of history events (${MOST_EVENTS}).`);
      }
      // The first state follows on nothing, as on AWS.
      return record(type, details, last === 1 ? 0 : last);
    },
    close(type, details) {
      record(type, details, type === 'ExecutionFailed' || type === 'ExecutionSucceeded' ? events.length : 0);
    },
  };
}

/** Only texts of this size go into an event; ours are never cut. */
export const whole = { truncated: false };
