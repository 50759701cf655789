import type { OutcomeRecord } from '../../lib/runs/record.ts';
import type { Context } from '../command.ts';
import { InterruptedError } from '../errors.ts';
import { type RestoreAccount, readAccount } from '../restore/account.ts';
import type { Stack } from '../stack/stack.ts';
import { duration } from '../timeline/duration.ts';
import type { History } from '../timeline/history.ts';
import { narrator } from '../timeline/narrator.ts';
import type { Change } from '../timeline/step.ts';
import { follow } from './follow.ts';
import { readOutcome } from './outcome.ts';
import { runId, start } from './start.ts';

/** What is known of a run while it goes on, for the account of it when it goes wrong. */
export type KnownRun = {
  database: string;
  run: string | null;
  execution: string | null;
  histories: Map<string, History>;
  timeScale: number | null;
  /** What a restore left beside its outcome; null where none was tried. */
  account: RestoreAccount | null;
};

export function newRun(database: string): KnownRun {
  return { database, run: null, execution: null, histories: new Map(), timeScale: null, account: null };
}

/** How a stack is asked how things go: AWS counts calls, the local cloud does not and is over soon. */
export type Pace = { pollMs: number; patienceMs: number; outcomeMs: number };
export const AWS_PACE: Pace = { pollMs: 2_000, patienceMs: 300_000, outcomeMs: 300_000 };
export const LOCAL_PACE: Pace = { pollMs: 150, patienceMs: 3_000, outcomeMs: 180_000 };

const TICK_MS = 1_000;

type Following = {
  stack: Stack;
  pace: Pace;
  known: KnownRun;
  ifLeft: (execution: string) => { message: string; remedy: string };
  /** Goes along with the run: is told each change, and may ask the person something meanwhile. */
  onChanges?: (changes: readonly Change[]) => void;
  context: Context;
};

/**
 * Starts a machine, tells the terminal what it does, and returns its outcome.
 *
 * @param run its name, when somebody has been told it already
 * @param known is filled in as things become known
 * @param ifLeft what becomes of the run when this command is interrupted
 */
export async function runToEnd(
  options: Following & { machine: string; input: object; run?: string },
): Promise<OutcomeRecord> {
  const { stack, machine, input, known, context } = options;
  const { terminal, interrupted, now } = context;
  interrupted.throwIfAborted();
  const startedAt = now();
  const run = options.run ?? runId(known.database, startedAt);
  const execution = await start(stack, machine, run, input);
  terminal.err(`Run ${run}`);
  return followToEnd({ ...options, run, execution, startedAt });
}

/** Tells the terminal what an execution does from its beginning on, and returns its outcome. */
export async function followToEnd(
  options: Following & { run: string; execution: string; startedAt: Date },
): Promise<OutcomeRecord> {
  const { stack, run, execution, startedAt, pace, known, ifLeft, onChanges, context } = options;
  const { terminal, interrupted, now } = context;
  Object.assign(known, { run, execution });
  const teller = narrator({ terminal, startedAt, now });
  const clock = setInterval(() => teller.tick(), TICK_MS);
  try {
    const { machineOf } = stack.names;
    const { status } = await follow({
      ...{ sfn: stack.sfn, execution, machineOf, histories: known.histories, interrupted, ...pace },
      onChanges(changes) {
        teller.tell(changes);
        onChanges?.(changes);
      },
    });
    const onWait = () => {
      // Whatever was under way is so no more.
      teller.end();
      terminal.err(`The execution ended as ${status}; waiting for the sweeper's account of it.`);
    };
    const record = await readOutcome({
      ...{ stack, run, status, onWait, interrupted },
      ...{ pollMs: pace.pollMs, patienceMs: pace.outcomeMs },
    });
    if (record.restore?.attempted) known.account = await readAccount(stack, run);
    teller.end();
    terminal.err(`${duration(now().getTime() - startedAt.getTime()).padStart(12)}  ${record.outcome}`);
    return record;
  } catch (error) {
    if (!interrupted.aborted) throw error;
    const exitCode = interrupted.reason instanceof InterruptedError ? interrupted.reason.exitCode : 1;
    const { message, remedy } = ifLeft(execution);
    throw new InterruptedError(`Interrupted in run ${run}. ${message}`, { remedy, exitCode });
  } finally {
    clearInterval(clock);
    teller.end();
  }
}
