import type { Machine, State } from './machine.ts';

/** How one state follows another: by going on, by a rule of a Choice, or by an error. */
export type Edge = { from: string; to: string; by: 'next' | 'choice' | 'default' | 'catch' };

export function edgesOf(from: string, state: State): Edge[] {
  switch (state.Type) {
    case 'Task':
      return [
        ...next(from, state.Next),
        ...(state.Catch ?? []).map((catcher) => ({ from, to: catcher.Next, by: 'catch' as const })),
      ];
    case 'Choice':
      return [
        ...state.Choices.map((rule) => ({ from, to: rule.Next, by: 'choice' as const })),
        ...(state.Default === undefined ? [] : [{ from, to: state.Default, by: 'default' as const }]),
      ];
    case 'Wait':
    case 'Pass':
      return next(from, state.Next);
    default:
      return [];
  }
}

const next = (from: string, to: string | undefined): Edge[] => (to === undefined ? [] : [{ from, to, by: 'next' }]);

export function edges(machine: Machine): Edge[] {
  return Object.entries(machine.States).flatMap(([name, state]) => edgesOf(name, state));
}

/** Every state that can follow `start`, itself included only when it is on a cycle. */
export function after(start: string, among: readonly Edge[]): Set<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { to } of among.filter((edge) => edge.from === at)) {
      if (seen.has(to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen;
}

/** States that lie on a cycle, grouped by the cycles that share one. */
export function cycles(among: readonly Edge[]): Set<string>[] {
  const found: Set<string>[] = [];
  for (const name of new Set(among.map((edge) => edge.from))) {
    if (found.some((cycle) => cycle.has(name))) continue;
    const reached = after(name, among);
    if (!reached.has(name)) continue;
    found.push(new Set([...reached].filter((other) => after(other, among).has(name))));
  }
  return found;
}
