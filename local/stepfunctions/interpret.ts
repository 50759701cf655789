import { setImmediate } from 'node:timers/promises';
import type { ContextOf } from './context.ts';
import { dataLimitFailure, runtimeFailure, StateFailure } from './failure.ts';
import { type History, whole } from './history.ts';
import { isTooLarge, type Json } from './json.ts';
import type { Machine } from './machine.ts';
import { perform } from './states.ts';
import type { Visit, World } from './visit.ts';

/**
 * Runs a machine to its end: its output, or the failure that nothing caught. Rejects with the signal's reason when that is
 * aborted, at once, whatever runs.
 */
export async function interpret(options: {
  machine: Machine;
  input: Json;
  contextOf: ContextOf;
  history: History;
  signal: AbortSignal;
  world: World;
}): Promise<Json> {
  const { machine, history, signal, world } = options;
  const { StartAt, States } = machine.compiled;
  let next: string | null = StartAt;
  let input = options.input;
  while (next !== null) {
    // A machine that loops without a task must not keep the process from answering.
    await setImmediate();
    signal.throwIfAborted();
    const name: string = next;
    const state = States[name];
    if (!state) throw runtimeFailure(`There is no state '${name}'.`);
    const entered = history.add(`${state.Type}StateEntered`, {
      stateEnteredEventDetails: { name, input: JSON.stringify(input), inputDetails: whole },
    });
    const enteredTime = world.now().toISOString();
    const from = input;
    const visit: Visit = {
      name,
      input: from,
      scope: (retryCount) => ({ input: from, context: options.contextOf({ name, enteredTime, retryCount }) }),
    };
    try {
      const step = await perform(state, visit, { history, signal, world });
      const output = JSON.stringify(step.output);
      if (isTooLarge(output)) throw dataLimitFailure(name);
      history.add(`${state.Type}StateExited`, { stateExitedEventDetails: { name, output, outputDetails: whole } });
      ({ output: input, next } = step);
    } catch (error) {
      throw placed(error, name, entered);
    }
  }
  return input;
}

/** A States.Runtime says where it happened, but for the limit of the history. */
function placed(error: unknown, name: string, entered: number): unknown {
  if (!(error instanceof StateFailure) || error.error !== 'States.Runtime') return error;
  if (error.reason?.startsWith('The execution reached')) return error;
  return runtimeFailure(
    `An error occurred while executing the state '${name}' (entered at the event id #${entered}). ${error.reason}`,
  );
}
