import type { Terminal } from '../command.ts';
import { duration } from './duration.ts';
import type { Change, Step } from './step.ts';

/** Tells a person what an execution does, while it does it. */
export type Narrator = {
  tell(changes: readonly Change[]): void;
  /** To be called about once a second: shows how time passes, and says so where no live line can be drawn. */
  tick(): void;
  end(): void;
};

/** The visits after the first to the states of a loop, which are told as one. */
type Loop = { states: string[]; depth: number; rounds: number; since: Date; ms: number; told: number };

/** States in which nothing happens: where the way forks, or ends well. They are in `--json`, and no news to a person. */
const SILENT = new Set(['Choice', 'Pass', 'Succeed']);

const PATIENCE_MS = 1_000;
const HEARTBEAT_MS = 30_000;

/**
 * A line for each state in which something is done or waited for when it is left, and for one that starts others also when it is
 * entered. A loop is told in full once, its further rounds in one line.
 */
export function narrator(options: { terminal: Terminal; startedAt: Date; now: () => Date }): Narrator {
  const { terminal, startedAt, now } = options;
  const open: Step[] = [];
  const headed = new Set<Step>();
  const loops = new Map<string, Loop>();

  const line = (at: Date, depth: number, what: string, more: string) => {
    const offset = duration(Math.max(0, at.getTime() - startedAt.getTime())).padStart(12);
    terminal.err(`${offset}  ${`${'  '.repeat(depth)}${what}`.padEnd(40)} ${more}`.trimEnd());
  };
  const head = (step: Step) => {
    if (headed.has(step)) return;
    headed.add(step);
    line(step.enteredAt, step.depth, step.state, '');
  };
  const close = (machine: string) => {
    const loop = loops.get(machine);
    loops.delete(machine);
    if (loop === undefined) return;
    const times = loop.rounds === 1 ? 'once more' : `${loop.rounds} more times`;
    line(loop.since, loop.depth, loop.states.join(', '), `${times}, ${duration(loop.ms)}`);
  };
  const enter = (step: Step) => {
    open.push(step);
    for (const parent of open) if (parent.depth < step.depth) head(parent);
    if (step.round === 0) return close(step.machine);
    const loop = loops.get(step.machine);
    const { depth, enteredAt: since } = step;
    if (loop === undefined) {
      const fresh = { states: [step.state], depth, rounds: 1, since, ms: 0, told: now().getTime() };
      loops.set(step.machine, fresh);
    } else if (!loop.states.includes(step.state)) loop.states.push(step.state);
    else if (loop.states[0] === step.state) loop.rounds += 1;
  };
  const leave = (step: Step, at: Date) => {
    open.splice(open.indexOf(step), 1);
    const loop = loops.get(step.machine);
    if (step.round > 0 && loop !== undefined) {
      loop.ms = at.getTime() - loop.since.getTime();
      if (step.error === null) return;
      close(step.machine);
    }
    if (headed.has(step)) line(at, step.depth, `${step.state} left`, account(step));
    else line(step.enteredAt, step.depth, step.state, account(step));
  };
  const draw = () => {
    const path = open.map(({ state, round }) => (round === 0 ? state : `${state} (${round + 1})`)).join(' > ');
    const elapsed = duration(now().getTime() - startedAt.getTime());
    terminal.live(path === '' ? null : `${elapsed.padStart(12)}  ${path}`);
  };

  return {
    tell(changes) {
      for (const { what, at, step } of changes) {
        if (SILENT.has(step.type)) continue;
        if (what === 'entered') enter(step);
        if (what === 'left') leave(step, at);
      }
      draw();
    },
    tick() {
      const time = now().getTime();
      for (const step of terminal.isWatched ? [] : open) {
        if (step.round === 0 && time - step.enteredAt.getTime() > PATIENCE_MS) head(step);
      }
      for (const loop of terminal.isWatched ? [] : loops.values()) {
        if (time - loop.told < HEARTBEAT_MS) continue;
        loop.told = time;
        line(now(), loop.depth, loop.states.join(', '), `still, ${loop.rounds} more times so far`);
      }
      draw();
    },
    end() {
      for (const machine of [...loops.keys()]) close(machine);
      terminal.live(null);
    },
  };
}

/** How long it took and what went wrong on the way. */
function account(step: Step): string {
  const parts = [duration(step.ms ?? 0)];
  if (step.error !== null) parts.push(step.error.name);
  const recovered = step.failures - (step.error === null ? 0 : 1);
  if (recovered > 0) parts.push(`after ${recovered} failed ${recovered === 1 ? 'attempt' : 'attempts'}`);
  return parts.join(', ');
}
