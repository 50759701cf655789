import type { Fault } from '../errors.ts';

/** What the runner says when it is its run that ended first: it was shut out, told to stop, or lost its session to us. */
const CONSEQUENCES = new Set(['FencedError', 'StoppedError', 'ConnectionLostError']);

/** The error that came first: what the runner said of a failure of its own, else why the execution did not go on. */
export function firstError(said: { error: Fault | null } | null, ended: Fault | null): Fault | null {
  const told = said?.error ?? null;
  if (told === null || ended === null) return ended ?? told;
  return ended.name === 'JobFailedError' || !CONSEQUENCES.has(told.name) ? told : ended;
}
