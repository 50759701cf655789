import { filter, shaped, wholeNumber } from './data-flow.ts';
import type { State } from './definition.ts';
import { runtimeFailure, StateFailure } from './failure.ts';
import type { Json } from './json.ts';
import type { Scope } from './path.ts';
import { pause } from './pause.ts';
import { performTask } from './task.ts';
import type { Step, Tools, Visit } from './visit.ts';

/** One visit to a state, from its input to where it leads. */
export async function perform(state: State, visit: Visit, tools: Tools): Promise<Step> {
  if (state.Type === 'Task') return performTask(state, visit, tools);
  const scope = visit.scope(null);
  if (state.Type === 'Fail') {
    const error = state.ErrorPath ? text(state.ErrorPath(scope), 'ErrorPath') : (state.Error ?? null);
    throw new StateFailure(error, state.CausePath ? text(state.CausePath(scope), 'CausePath') : (state.Cause ?? null));
  }
  const input = filter(state.InputPath, scope);
  const filtered = { ...scope, input };
  switch (state.Type) {
    case 'Pass': {
      const result = state.Result !== undefined ? state.Result : state.Parameters ? state.Parameters(filtered) : input;
      return { output: shaped(state, scope, result), next: state.Next ?? null };
    }
    case 'Wait':
      await pause(waitSeconds(state, filtered) * tools.world.timeScale * 1000, tools.signal);
      return { output: filter(state.OutputPath, filtered), next: state.Next ?? null };
    case 'Choice': {
      const next = state.Choices.find(({ rule }) => rule(filtered))?.next ?? state.Default;
      if (next === undefined) throw new StateFailure('States.NoChoiceMatched', null);
      return { output: filter(state.OutputPath, filtered), next };
    }
    case 'Succeed':
      return { output: filter(state.OutputPath, filtered), next: null };
  }
}

function waitSeconds(state: Extract<State, { Type: 'Wait' }>, scope: Scope): number {
  return state.SecondsPath ? wholeNumber(state.SecondsPath, scope, 'SecondsPath') : (state.Seconds ?? 0);
}

function text(value: Json, field: string): string {
  if (typeof value === 'string') return value;
  throw runtimeFailure(`The field ${field} must be a string, and is ${JSON.stringify(value)}.`);
}
