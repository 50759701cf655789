import type { Change } from './step.ts';

/**
 * One list of changes from those of several executions, each in order already, a parent's before its children's. Clocks
 * count milliseconds, so on a tie what starts something goes before it and what waited for it after it, the innermost first.
 */
export function inOrder(lists: readonly (readonly Change[])[]): Change[] {
  const rest = lists.map((list) => [...list]);
  const merged: Change[] = [];
  for (;;) {
    const heads = rest.flatMap((list) => list.slice(0, 1).map((change) => ({ list, change })));
    const first = heads.sort((a, b) => compare(a.change, b.change))[0];
    if (first === undefined) return merged;
    merged.push(first.change);
    first.list.shift();
  }
}

function compare(a: Change, b: Change): number {
  return a.at.getTime() - b.at.getTime() || waited(a) - waited(b) || waited(a) * (b.step.depth - a.step.depth);
}

function waited({ what, step }: Change): number {
  return what !== 'entered' && step.child !== null ? 1 : 0;
}
