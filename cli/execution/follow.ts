import { setTimeout as pause } from 'node:timers/promises';
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { isTransient } from '../../lib/aws/transient.ts';
import { type History, newHistory, readEvents } from '../timeline/history.ts';
import { inOrder } from '../timeline/order.ts';
import type { Change } from '../timeline/step.ts';

export type Followed = {
  /** How the root ended: SUCCEEDED, FAILED, ABORTED, TIMED_OUT. */
  status: string;
  /** By execution, in the order in which they were found; the root is the first. */
  histories: Map<string, History>;
};

/**
 * Follows an execution and those that it starts until it is over, and hands on each change as it is seen.
 *
 * Step Functions pushes nothing, so its history is asked for every `pollMs`. An answer that fails for a reason that may
 * pass is asked for again, for up to `patienceMs`.
 *
 * @param machineOf short name of the machine that an execution is of
 */
export async function follow(options: {
  sfn: SFNClient;
  execution: string;
  machineOf: (execution: string) => string;
  onChanges: (changes: Change[]) => void;
  histories: Map<string, History>;
  pollMs: number;
  patienceMs: number;
  interrupted: AbortSignal;
}): Promise<Followed> {
  const { sfn, execution, machineOf, onChanges, histories, pollMs, patienceMs, interrupted } = options;
  const root = newHistory(machineOf(execution), 0);
  histories.set(execution, root);
  for (let failing = 0; ; ) {
    try {
      const news: Change[][] = [];
      // A map goes on to what was added to it meanwhile: children are read in the round in which they are found.
      for (const [arn, history] of histories) {
        if (history.status !== null) continue;
        news.push(readEvents(history, await newEvents(sfn, arn, history.last, interrupted)));
        for (const { child } of history.steps) {
          if (child !== null && !histories.has(child)) {
            histories.set(child, newHistory(machineOf(child), history.depth + 1));
          }
        }
      }
      onChanges(inOrder(news));
      failing = 0;
      if (root.status !== null) return { status: root.status, histories };
    } catch (error) {
      failing += pollMs;
      if (interrupted.aborted || !isTransient(error) || failing > patienceMs) throw error;
    }
    await pause(pollMs, undefined, { signal: interrupted });
  }
}

/** The events after `last`, oldest first. Read from the newest backwards, so that a long history is not read each time. */
async function newEvents(sfn: SFNClient, arn: string, last: number, signal: AbortSignal): Promise<HistoryEvent[]> {
  const found: HistoryEvent[] = [];
  for (let nextToken: string | undefined; ; ) {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({
        executionArn: arn,
        reverseOrder: true,
        maxResults: last === 0 ? 1000 : 100,
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
      { abortSignal: signal },
    );
    const fresh = (page.events ?? []).filter((event) => (event.id ?? 0) > last);
    found.push(...fresh);
    nextToken = page.nextToken;
    if (nextToken === undefined || fresh.length < (page.events ?? []).length) return found.reverse();
  }
}
