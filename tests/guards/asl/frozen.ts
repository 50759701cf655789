import { called, type Machine, machineNamed, type State, type Task, tasksOf } from './machine.ts';

/** What stops the application, and what lets it in again when it answers that it is done. */
export type Doors = {
  closes: string;
  opens: readonly string[];
  /** Machines that begin when the application may be stopped already. */
  met: readonly { machine: string; state: string }[];
  /** Ends at which it may still be stopped, and who goes on. */
  left: readonly { machine: string; state: string; reason: string }[];
};

/**
 * Ways on which the application is stopped, and that end without letting it in again: at an end that is not said to be left to
 * somebody, or by an error that nothing catches.
 */
export function frozenFindings(all: readonly Machine[], doors: Doors): string[] {
  const used = new Set<object>();
  const starts = [
    ...all.map((machine) => ({ machine, state: machine.StartAt, shut: false })),
    ...doors.met.flatMap(({ machine, state }) => {
      const found = all.find((one) => one.name === machine);
      return found === undefined ? [] : [{ machine: found, state, shut: true }];
    }),
  ];
  const findings = starts.flatMap(({ machine, state, shut }) =>
    ends(all, machine, { state, shut }, doors).flatMap((end) => {
      const known = doors.left.find((one) => one.machine === machine.name && one.state === end.state);
      if (known !== undefined && end.by === 'fail') {
        used.add(known);
        return [];
      }
      // Whoever waits for a machine goes on with what its errors left.
      if (end.by === 'error' && isAwaited(all, machine)) return [];
      return [`${machine.name}.${end.state}: ends while the application is stopped`];
    }),
  );
  const stale = doors.left.filter((one) => !used.has(one));
  return [
    ...new Set(findings),
    ...stale.map(
      (one) => `${one.machine}.${one.state}: is said to be left while the application is stopped, and is not`,
    ),
  ];
}

type At = { state: string; shut: boolean };
type End = { state: string; by: 'end' | 'fail' | 'error' };

/** Where a machine ends with the application stopped, when it goes on from `start`. */
function ends(all: readonly Machine[], machine: Machine, start: At, doors: Doors): End[] {
  const seen = new Set<string>();
  const open = [start];
  const found: End[] = [];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (seen.has(JSON.stringify(at))) continue;
    seen.add(JSON.stringify(at));
    const state = machine.States[at.state];
    if (state === undefined) throw new Error(`${machine.name}: no state ${at.state}`);
    const ways = waysOn(all, state, at, doors);
    open.push(...ways);
    const lets = state.Type === 'Task' && !state.Catch?.some((one) => one.ErrorEquals.includes('States.ALL'));
    const shutOnError = at.shut || (state.Type === 'Task' && shuts(all, state, doors));
    if (lets && shutOnError) found.push({ state: at.state, by: 'error' });
    if (at.shut && state.Type === 'Fail') found.push({ state: at.state, by: 'fail' });
    if (at.shut && state.Type !== 'Fail' && ways.length === 0) found.push({ state: at.state, by: 'end' });
  }
  return found;
}

function waysOn(all: readonly Machine[], state: State, { shut }: At, doors: Doors): At[] {
  switch (state.Type) {
    case 'Choice': {
      const chosen = state.Choices.map((rule) => {
        const opened = rule.BooleanEquals === true && answers(all, doors).has(String(rule.Variable));
        return { state: rule.Next, shut: shut && !opened };
      });
      return state.Default === undefined ? chosen : [...chosen, { state: state.Default, shut }];
    }
    case 'Task': {
      const after = shut || shuts(all, state, doors);
      const caught = (state.Catch ?? []).map(({ Next }) => ({ state: Next, shut: after }));
      const done = isShutAfter(all, state, shut, doors);
      return state.Next === undefined ? caught : [{ state: state.Next, shut: done }, ...caught];
    }
    case 'Wait':
    case 'Pass':
      return state.Next === undefined ? [] : [{ state: state.Next, shut }];
    default:
      return [];
  }
}

/** A call that may stop the application, whether it ends well or not. */
function shuts(all: readonly Machine[], state: State, doors: Doors): boolean {
  if (state.Type !== 'Task') return false;
  const { kind, name } = called(state);
  if (kind === 'function') return name === doors.closes;
  return Object.values(machineNamed(all, name).States).some((inner) => shuts(all, inner, doors));
}

/** Whether the application may be stopped after a call that ended well. */
function isShutAfter(all: readonly Machine[], at: Task, shut: boolean, doors: Doors): boolean {
  const { kind, name } = called(at);
  if (kind === 'function') return shut || name === doors.closes;
  const machine = machineNamed(all, name);
  return ends(all, machine, { state: machine.StartAt, shut }, doors).some(({ by }) => by === 'end');
}

/** Where the answers of what opens lie. */
function answers(all: readonly Machine[], { opens }: Doors): Set<string> {
  const tasks = tasksOf(all).filter(({ at }) => called(at).kind === 'function' && opens.includes(called(at).name));
  return new Set(tasks.map(({ at }) => `${at.ResultPath}.done`));
}

function isAwaited(all: readonly Machine[], machine: Machine): boolean {
  return tasksOf(all).some(({ at }) => called(at).kind === 'machine' && machineNamed(all, called(at).name) === machine);
}
