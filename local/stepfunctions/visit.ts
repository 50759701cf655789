import type { StartChild } from './child-task.ts';
import type { Invoke } from './function-task.ts';
import type { History } from './history.ts';
import type { Json } from './json.ts';
import type { Scope } from './path.ts';

/** What a run needs of the world. */
export type World = {
  region: string;
  invoke: Invoke;
  startChild: StartChild;
  now: () => Date;
  random: () => number;
  timeScale: number;
};

/** Where a state leads: to another one with its input, or, without `next`, to the end with the output. */
export type Step = { output: Json; next: string | null };

/** A visit to a state. */
export type Visit = { name: string; input: Json; scope(retryCount: number | null): Scope };

/** What a state is performed with. */
export type Tools = { history: History; signal: AbortSignal; world: World };
