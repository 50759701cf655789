import { type Called, called, type Machine, machineNamed, type State, tasksOf } from './machine.ts';

/** An end without an outcome of its own, and who writes the outcome then. */
export type Unnamed = { machine: string; state: string; reason: string };

export type Ends = {
  unnamed: readonly Unnamed[];
  /** Machines whose success means that the database is as it was asked to be; the others report on another run. */
  green: readonly string[];
};

/**
 * Where a way ends: by a state's own word or by an error that it lets through, and the path of the recorded outcome in the
 * state there; null when none is recorded.
 */
export type End = { machine: string; state: string; record: string | null; by: 'end' | 'error' };

/** The one function that names an outcome and writes it down. */
const RECORDER = 'Conclude';
/** Where it lies when it was recorded before the machine began. */
const FOUND = '$.end';

/** Ways through the roots that end in no recorded outcome, or end green without one that succeeded. */
export function endingFindings(all: readonly Machine[], roots: readonly string[], ends: Ends): string[] {
  const used = new Set<Unnamed>();
  const findings = all
    .filter((machine) => roots.includes(machine.name))
    .flatMap((machine) => endsAfter(machine, [{ state: machine.StartAt, record: null, good: false }]))
    .flatMap((end) => {
      const what = wrong(all, end, ends.green);
      const allowed = ends.unnamed.find((one) => one.machine === end.machine && one.state === end.state);
      if (what === null) return [];
      if (allowed === undefined || end.by === 'error') return [`${end.machine}.${end.state}: ${what}`];
      used.add(allowed);
      return [];
    });
  const stale = ends.unnamed.filter((one) => !used.has(one));
  return [
    ...new Set(findings),
    ...stale.map((one) => `${one.machine}.${one.state}: may end without an outcome and never does`),
  ];
}

/**
 * Where an execution can end once the function `launch` was called: through the machine that calls it, and through every
 * machine that waits for that one, whether it ends well or not.
 */
export function endsSince(all: readonly Machine[], launch: string): End[] {
  const calling = (is: (call: Called) => boolean) => tasksOf(all).filter(({ at }) => is(called(at)));
  const from = ({ machine, name }: { machine: Machine; name: string }): End[] => {
    const waiting = calling((call) => call.kind === 'machine' && machineNamed(all, call.name) === machine);
    if (waiting.length > 0) return waiting.flatMap(from);
    return endsAfter(machine, [{ state: name, record: null, good: false }]);
  };
  return calling((call) => call.kind === 'function' && call.name === launch).flatMap(from);
}

type At = { state: string; record: string | null; good: boolean };
type Ended = End & { good: boolean };

function endsAfter(machine: Machine, start: At[]): Ended[] {
  const seen = new Set<string>();
  const open = [...start];
  const ended: Ended[] = [];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const key = JSON.stringify([at.state, at.record, at.good]);
    if (seen.has(key)) continue;
    seen.add(key);
    const state = machine.States[at.state];
    if (state === undefined) throw new Error(`${machine.name}: no state ${at.state}`);
    const end = { machine: machine.name, ...at };
    if (letsErrorsThrough(state)) ended.push({ ...end, by: 'error' });
    if (isEnd(state)) ended.push({ ...end, by: 'end' });
    open.push(...waysOn(state, at));
  }
  return ended;
}

const isEnd = (state: State) => state.Type !== 'Choice' && !('Next' in state && state.Next !== undefined);

/** A Choice without Default fails where no rule holds, and no Choice has a Catch. */
function letsErrorsThrough(state: State): boolean {
  if (state.Type === 'Choice') return state.Default === undefined;
  return state.Type === 'Task' && !state.Catch?.some((catcher) => catcher.ErrorEquals.includes('States.ALL'));
}

/** Where it goes on, and what is known there of the outcome. */
function waysOn(state: State, { record, good }: At): At[] {
  switch (state.Type) {
    case 'Choice': {
      const ways = state.Choices.map((rule) => {
        const found = record ?? (rule.Variable === FOUND && rule.IsNull === false ? FOUND : null);
        const succeeded = rule.Variable === `${record}.succeeded` && rule.BooleanEquals === true;
        return { state: rule.Next, record: cut(found, state.OutputPath), good: good || succeeded };
      });
      if (state.Default === undefined) return ways;
      return [...ways, { state: state.Default, record: cut(record, state.OutputPath), good }];
    }
    case 'Task': {
      const caught = (state.Catch ?? []).map(({ Next, ResultPath }) => ({
        state: Next,
        record: ResultPath === '$' ? null : record,
        good,
      }));
      if (state.Next === undefined) return caught;
      const placed = state.ResultPath === undefined ? '$' : state.ResultPath;
      const kept = called(state).name === RECORDER ? placed : placed === '$' ? null : record;
      return [{ state: state.Next, record: cut(kept, state.OutputPath), good }, ...caught];
    }
    case 'Wait':
    case 'Pass':
      return state.Next === undefined ? [] : [{ state: state.Next, record: cut(record, state.OutputPath), good }];
    default:
      return [];
  }
}

/** Where the record lies after OutputPath; null when it was cut off. */
function cut(record: string | null, path: string | null | undefined): string | null {
  if (record === null || path === null) return null;
  if (path === undefined || path === '$') return record;
  return record === path || record.startsWith(`${path}.`) ? `$${record.slice(path.length)}` : null;
}

function wrong(all: readonly Machine[], end: Ended, green: readonly string[]): string | null {
  if (end.by === 'error') return 'lets errors through, and the execution ends without an outcome';
  const state = all.find((machine) => machine.name === end.machine)?.States[end.state];
  if (end.record === null) return 'ends the execution and no outcome is recorded';
  if (state?.Type === 'Succeed') {
    if (!green.includes(end.machine)) return null;
    if (cut(end.record, state.OutputPath) !== '$') return 'succeeds and does not give the outcome';
    return end.good ? null : `succeeds whatever ${end.record}.succeeded says`;
  }
  if (state?.Type !== 'Fail') return `ends the execution as a ${state?.Type}`;
  return state.ErrorPath === `${end.record}.outcome` ? null : `fails and does not name ${end.record}.outcome`;
}
