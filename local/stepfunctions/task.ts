import { runChild } from './child-task.ts';
import { filter, placeResult, shaped, wholeNumber } from './data-flow.ts';
import type { Catcher, TaskState } from './definition.ts';
import { dataLimitFailure, isNamed, StateFailure } from './failure.ts';
import { runFunction } from './function-task.ts';
import { isTooLarge, type Json } from './json.ts';
import { START_EXECUTION } from './machine.ts';
import type { Scope } from './path.ts';
import { pause } from './pause.ts';
import { startRetries } from './retry.ts';
import type { Step, Tools, Visit } from './visit.ts';

/** A Task with its retries and catchers. */
export async function performTask(state: TaskState, visit: Visit, tools: Tools): Promise<Step> {
  const retries = startRetries(state.Retry ?? [], tools.world);
  for (;;) {
    const scope = visit.scope(retries.count);
    try {
      return { output: shaped(state, scope, await attempt(state, scope, visit.name, tools)), next: state.Next ?? null };
    } catch (failure) {
      if (!(failure instanceof StateFailure)) throw failure;
      const delay = retries.after(failure);
      if (delay === null) return caught(failure, state.Catch ?? [], visit);
      await pause(delay, tools.signal);
    }
  }
}

async function attempt(state: TaskState, scope: Scope, name: string, { history, signal, world }: Tools): Promise<Json> {
  const filtered = { ...scope, input: filter(state.InputPath, scope) };
  const input = state.Parameters ? state.Parameters(filtered) : filtered.input;
  if (isTooLarge(JSON.stringify(input))) throw dataLimitFailure(name);
  const timeoutSeconds = state.TimeoutSecondsPath
    ? wholeNumber(state.TimeoutSecondsPath, filtered, 'TimeoutSecondsPath')
    : (state.TimeoutSeconds ?? null);
  const one = { input, timeoutSeconds, history, signal };
  return state.Resource === START_EXECUTION
    ? runChild(one, { region: world.region, start: world.startChild })
    : runFunction(state.Resource, one, world.invoke);
}

function caught(failure: StateFailure, catchers: Catcher[], visit: Visit): Step {
  const catcher = catchers.find(({ ErrorEquals }) => isNamed(ErrorEquals, failure.error));
  if (!catcher) throw failure;
  const report = { Error: failure.error ?? '', Cause: failure.reason ?? '' };
  return { output: placeResult(catcher.ResultPath, visit.input, report), next: catcher.Next };
}
