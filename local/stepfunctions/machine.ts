import { type Definition, definition, type State } from './definition.ts';
import { DefinitionError } from './errors.ts';
import { isObject, type Json } from './json.ts';

/** A state machine as it is deployed. */
export type MachineSource = {
  name: string;
  arn: string;
  roleArn: string;
  /** The definition with its placeholders filled in. */
  definition: Json;
};

export type Machine = MachineSource & { compiled: Definition };

/** The one service integration that our machines use. */
export const START_EXECUTION = 'arn:aws:states:::states:startExecution.sync:2';

/**
 * Reads a definition as CreateStateMachine would, and refuses what this cloud cannot run.
 *
 * @param known the functions and machines that are there, by ARN
 * @throws {DefinitionError} which names machine, state and field
 */
export function compileMachine(
  source: MachineSource,
  known: { functions: Set<string>; machines: Set<string> },
): Machine {
  const refuse = (what: string) =>
    new DefinitionError(`State machine ${source.name}: ${what}`, {
      remedy: 'Change its definition in statemachines/, or teach local/stepfunctions/ what it needs.',
    });
  const result = definition.safeParse(source.definition);
  if (!result.success) throw refuse(describe(result.error.issues[0]));
  const { StartAt, States } = result.data;
  if (!States[StartAt]) throw refuse(`StartAt: there is no state "${StartAt}".`);
  const reached = new Set([StartAt]);
  for (const name of reached) {
    const state = States[name];
    if (!state) continue;
    const complaint = faultOf(state, States) ?? resourceFault(state, fieldsOf(source.definition, name), known);
    if (complaint !== null) throw refuse(`States.${name}: ${complaint}`);
    for (const next of targetsOf(state)) reached.add(next);
  }
  const lost = Object.keys(States).find((name) => !reached.has(name));
  if (lost !== undefined) throw refuse(`States.${lost} is not reachable.`);
  return { ...source, compiled: result.data };
}

function describe(issue: { code?: string; path: PropertyKey[]; message: string; keys?: string[] } | undefined): string {
  if (!issue) return 'is not valid.';
  const place = issue.path.map(String).join('.') || 'the definition';
  if (issue.code === 'unrecognized_keys') return `${place} has ${issue.keys?.join(', ')}, which is not supported.`;
  if (issue.code === 'invalid_union') return `${place}: no such type of state is supported.`;
  return `${place}: ${issue.message}`;
}

function targetsOf(state: State): string[] {
  if (state.Type === 'Choice')
    return [...state.Choices.map(({ next }) => next), ...(state.Default ? [state.Default] : [])];
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  const caught = state.Type === 'Task' ? (state.Catch ?? []).map(({ Next }) => Next) : [];
  return [...(state.Next === undefined ? [] : [state.Next]), ...caught];
}

/** What AWS checks beyond the shape of a state, in the words of its validation. */
function faultOf(state: State, states: Definition['States']): string | null {
  const target = targetsOf(state).find((name) => !states[name]);
  if (target !== undefined) return `MISSING_TRANSITION_TARGET: there is no state "${target}".`;
  if (state.Type === 'Task' || state.Type === 'Pass' || state.Type === 'Wait') {
    if ((state.Next === undefined) === (state.End === undefined)) return 'needs either Next or End.';
  }
  if (state.Type === 'Wait' && (state.Seconds === undefined) === (state.SecondsPath === undefined)) {
    return 'needs either Seconds or SecondsPath.';
  }
  if (state.Type === 'Fail') {
    if (state.Error !== undefined && state.ErrorPath) return 'has Error and ErrorPath.';
    if (state.Cause !== undefined && state.CausePath) return 'has Cause and CausePath.';
  }
  if (state.Type !== 'Task') return null;
  if (state.TimeoutSeconds !== undefined && state.TimeoutSecondsPath)
    return 'has TimeoutSeconds and TimeoutSecondsPath.';
  for (const handlers of [state.Retry ?? [], state.Catch ?? []]) {
    const at = handlers.findIndex(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
    if (at >= 0 && (at < handlers.length - 1 || handlers[at]?.ErrorEquals.length !== 1)) {
      return 'States.ALL must stand alone, in the last Retry or Catch.';
    }
  }
  return null;
}

function fieldsOf(source: Json, state: string): Json {
  const states = isObject(source) ? source.States : undefined;
  const fields = isObject(states) ? states[state] : undefined;
  const parameters = isObject(fields) ? fields.Parameters : undefined;
  return parameters ?? null;
}

/** Every Task must have something to run, found now and not at three in the morning. */
function resourceFault(
  state: State,
  parameters: Json,
  known: { functions: Set<string>; machines: Set<string> },
): string | null {
  if (state.Type !== 'Task' || known.functions.has(state.Resource)) return null;
  if (state.Resource !== START_EXECUTION) {
    return `Resource ${state.Resource} is no function that is deployed, nor ${START_EXECUTION}.`;
  }
  if (!isObject(parameters)) return 'Parameters with a StateMachineArn are missing.';
  const surplus = Object.keys(parameters).find((name) => !/^(StateMachineArn|Input|Name)(\.\$)?$/.test(name));
  if (surplus !== undefined) return `Parameters.${surplus} is not supported.`;
  const arn = parameters.StateMachineArn;
  return typeof arn === 'string' && known.machines.has(arn)
    ? null
    : `Parameters.StateMachineArn ${JSON.stringify(arn ?? null)} is no state machine that is deployed.`;
}
