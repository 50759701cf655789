import { cycles, edges } from './graph.ts';
import { called, type Machine, machineNamed, type Task, tasksOf } from './machine.ts';

/**
 * The Task that ends a loop: when it has gone on for too long, its function throws `error`, or answers true at `answer`, on
 * which a Choice leaves.
 */
export type Bound = { machine: string; task: string } & ({ error: string } | { answer: string });

/**
 * What could go round for ever. Each cycle passes a Wait, so that it does not spin, and a Task that is known to end it: that
 * Task is told what it said before, without which it could not count, and its last word leads out of the cycle.
 */
export function loopFindings(all: readonly Machine[], bounds: readonly Bound[]): string[] {
  const used = new Set<Bound>();
  const findings = all.flatMap((machine) => {
    const inside = edges(machine);
    return cycles(inside).flatMap((cycle) => {
      const bounding = bounds.filter((bound) => bound.machine === machine.name && cycle.has(bound.task));
      for (const bound of bounding) used.add(bound);
      const left = (leftOut: (name: string) => boolean) =>
        cycles(inside.filter(({ from, to }) => cycle.has(from) && cycle.has(to) && !leftOut(from) && !leftOut(to))).map(
          show,
        );
      return [
        ...left((name) => machine.States[name]?.Type === 'Wait').map((rest) => `${rest} goes round without a Wait`),
        ...left((name) => bounding.some((bound) => bound.task === name)).map((rest) => `nothing ends ${rest}`),
        ...bounding.flatMap((bound) => unending(machine, cycle, bound)),
      ].map((what) => `${machine.name}: ${what}`);
    });
  });
  const stale = bounds.filter((bound) => !used.has(bound));
  return [
    ...findings,
    ...stale.map((one) => `${one.machine}: ${one.task} is said to end a loop and lies on none`),
    ...nesting(all),
  ];
}

function unending(machine: Machine, cycle: Set<string>, bound: Bound): string[] {
  const at = machine.States[bound.task];
  if (at?.Type !== 'Task') return [`${bound.task} is no Task and ends nothing`];
  const last = 'error' in bound ? goesOnAfter(at, cycle, bound.error) : staysOn(machine, cycle, bound.answer);
  return [
    ...(remembers(at) ? [] : [`${bound.task} is not told its last answer, and cannot know how long it has gone on`]),
    ...last.map((what) => `${bound.task} ${what}`),
  ];
}

/** Its Parameters hand it what it put at its ResultPath the last time. */
function remembers({ Parameters, ResultPath }: Task): boolean {
  return JSON.stringify(Parameters ?? {}).includes(`.$":"${ResultPath}"`);
}

function goesOnAfter(at: Task, cycle: Set<string>, error: string): string[] {
  const takes = ({ ErrorEquals }: { ErrorEquals: string[] }) =>
    ErrorEquals.some((name) => [error, 'States.ALL', 'States.TaskFailed'].includes(name));
  const taken = at.Catch?.find(takes);
  return [
    ...(at.Retry?.some(takes) ? [`retries ${error}, which should end the loop`] : []),
    ...(taken !== undefined && cycle.has(taken.Next)
      ? [`catches ${error} and goes on to ${taken.Next}, in the same loop`]
      : []),
  ];
}

function staysOn(machine: Machine, cycle: Set<string>, answer: string): string[] {
  const leaves = [...cycle].some((name) => {
    const state = machine.States[name];
    if (state?.Type !== 'Choice') return false;
    return state.Choices.some(
      (rule) => rule.Variable === answer && rule.BooleanEquals === true && !cycle.has(rule.Next),
    );
  });
  return leaves ? [] : [`answers ${answer}, on which no Choice leaves the loop`];
}

/** A machine that starts itself, through whichever others, never ends either. */
function nesting(all: readonly Machine[]): string[] {
  const calls = tasksOf(all).flatMap(({ machine, at }) => {
    const { kind, name } = called(at);
    return kind === 'machine' ? [{ from: machine.name, to: machineNamed(all, name).name, by: 'next' as const }] : [];
  });
  return cycles(calls).map((cycle) => `${show(cycle)}: starts itself`);
}

const show = (names: Set<string>) => [...names].sort().join(', ');
