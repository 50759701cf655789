import type { Arguments } from './arguments.ts';

/** An option as `--help` shows it. `value` names what follows it; without one the option is a switch. */
export type Option = { help: string; value?: string; choices?: readonly string[] };

/** The process around a command, passed in so that a test can be one too. */
export type Context = {
  env: Record<string, string | undefined>;
  cwd: string;
  terminal: Terminal;
  /** Aborted by Ctrl-C, SIGTERM, or when the process that started this one is gone. */
  interrupted: AbortSignal;
  now: () => Date;
};

/** Answers go to standard output, all else to standard error. */
export type Terminal = {
  out(text: string): void;
  err(line: string): void;
  /** Whether a person sees standard error as it is written. */
  isWatched: boolean;
  /** Whether answers may be coloured: a person sees standard output, and has not asked for none. */
  colours?: boolean;
  /** Shows `line` below everything else until the next call, null for none; does nothing where nobody watches. */
  live(line: string | null): void;
  /** Asks on standard error; null when nobody is there to answer, or when the question is withdrawn. */
  ask(question: string, withdrawn?: AbortSignal): Promise<string | null>;
};

/** A verb as the overview lists it; the rest of it is read only when it is wanted, since the SDK takes its time. */
export type Verb = { name: string; summary: string; load(): Promise<Command> };

export type Command = {
  /** What follows the name and is no option. */
  positional: { name: string; help: string } | null;
  options: Record<string, Option>;
  exits: readonly { code: number; when: string }[];
  examples: readonly string[];
  /** The exit code. What it throws is shown by the caller, who also knows its code. */
  run(given: Arguments, context: Context): Promise<number>;
};
