import type { FunctionError } from './function.ts';

/** What a worker is started with. */
export type Setup = {
  bundle: string;
  handler: string;
  name: string;
  arn: string;
  memoryMiB: number;
};

export type Invocation = { requestId: string; payload: string /** Milliseconds of the epoch. */; deadline: number };

/** What a worker says. After a `fatal` error it is of no more use, as a runtime that crashed. */
export type Message =
  | { type: 'ready' }
  | { type: 'log'; text: string }
  | { type: 'result'; payload: string }
  | { type: 'error'; error: FunctionError; fatal: boolean };
